import { z } from "zod";
import { instantSchema } from "../../contracts/api.ts";
import { weeklyScheduleSchema } from "../../contracts/weekly-schedule.ts";
import type { RegisterEdit } from "../access/register/register-edit.ts";
import type { LedgerEntry } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import type { ItemRow } from "./reviews-store.ts";

/** How the review of rights takes a role away. */
export interface RoleRevocations {
	/** In the caller's transaction; a role that has ended meanwhile is passed over. Throws AppError 409 when nobody could change rights any more. */
	revoke(transaction: AnyTransaction, role: { account: string; grant: string; by: string; now: number }): Promise<LedgerEntry[]>;
	/** After the commit. MUST NOT throw. */
	revoked(account: string): void;
}

const changeSchema = z.object({ until: instantSchema.nullable(), schedule: weeklyScheduleSchema.nullable() });
/** The account that an item of a review of rights is about. */
export const accountOfItem = ({ frozen }: Pick<ItemRow, "frozen">): string | undefined => accountOf.parse(JSON.parse(frozen)).account?.id;
const accountOf = z.object({ account: z.object({ id: z.string() }).nullable() });

/** Does to the register what reviewers have decided; what has ended meanwhile is left as it is. Resolves to entries for the ledger. */
export async function carryOut(
	edit: RegisterEdit,
	roles: RoleRevocations,
	items: readonly ItemRow[],
	{ actor, now }: { actor: Actor; now: number },
): Promise<LedgerEntry[]> {
	const entries: LedgerEntry[] = [];
	const ended = items.flatMap(({ decision, grant_id }) => (decision === "revoke" && grant_id !== null ? grant_id : []));
	await edit.endGrants(ended, "review", "Revoked in the access review.");
	for (const item of items) {
		if (item.decision === "change" && item.grant_id !== null) await change(edit, item.grant_id, changeSchema.parse(item.change));
		if (item.decision === "revoke" && item.grant_id === null && item.holder !== null)
			for (const credential of edit.before.credentialsOf(item.holder))
				if (credential.state === "active") await edit.setCredentialState(credential.id, "suspended", "Revoked in the access review.");
		const account = accountOfItem(item);
		if (item.decision === "revoke" && item.role_grant !== null && account !== undefined)
			entries.push(...(await roles.revoke(edit.transaction, { account, grant: item.role_grant, by: actor.id, now })));
	}
	return entries;
}

/** The grant ends, and the same one with other limits begins, unless its time is over by now. */
async function change(edit: RegisterEdit, id: string, { until, schedule }: z.output<typeof changeSchema>): Promise<void> {
	const grant = edit.before.grants.get(id);
	if (!grant || (await edit.endGrants([id], "replaced", "Changed in the access review.")).length === 0) return;
	const { holder, post, zone, sponsor, reason } = grant;
	const from = Math.max(grant.from, edit.now);
	const end = until === null ? grant.until : Date.parse(until);
	if (end !== null && end <= from) return;
	await edit.addGrant({
		holder,
		post,
		zone,
		from,
		until: end,
		schedule: schedule ?? grant.schedule,
		sponsor,
		reason,
	});
}
