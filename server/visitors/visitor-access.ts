import type { HolderRecord, Register } from "../access/register/register.ts";
import type { RegisterEdit } from "../access/register/register-edit.ts";
import type { VisitRecord } from "./visit.ts";

/** The badge opens nothing any more: its credential is in `state`, its grants end, and the visitor has left. */
export async function endAccess(edit: RegisterEdit, { holder, credential }: VisitRecord, state: "suspended" | "returned"): Promise<void> {
	if (credential !== null) await edit.setCredentialState(credential, state, "The visit is over.");
	if (holder === null) return;
	const grants = edit.before.ownGrantsOf(holder).filter(({ endedAt }) => endedAt === null);
	await edit.endGrants(
		grants.map(({ id }) => id),
		"visit-over",
		"The visit is over.",
	);
	if (edit.before.holders.get(holder)?.leftAt === null) await edit.updateHolder(holder, { leftAt: edit.now });
}

/** What is wrong with a host or escort, as the error of a field; empty for an employee who has not left. */
export function unfitEmployee({ holders }: Register, field: string, id: string): { field: string; message: string }[] {
	const found: HolderRecord | undefined = holders.get(id);
	return found && found.kind === "employee" && found.leftAt === null ? [] : [{ field, message: "expected the id of an employee who has not left" }];
}
