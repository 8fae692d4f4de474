import { createHash } from "node:crypto";
import type { ImportResult } from "../../../contracts/access-import.ts";
import type { Actor } from "../../platform/actor.ts";
import type { Clock } from "../../platform/clock.ts";
import { conflict } from "../../platform/errors.ts";
import type { AccessRegister } from "./access-register.ts";
import { readImport } from "./import-file.ts";
import { type ImportPlan, planImport } from "./import-plan.ts";
import { cardKey, type Register } from "./register.ts";
import type { RegisterEdit } from "./register-edit.ts";

export interface ImportServiceOptions {
	register: AccessRegister;
	/** Ids of the accounts with these usernames. */
	accounts: (usernames: readonly string[]) => Promise<ReadonlyMap<string, string>>;
	clock: Clock;
}
export interface ImportOrder {
	/** The file, without a byte order mark. */
	text: string;
	actor: Actor;
	/** Whether the actor may give zones. */
	mayGrant: boolean;
}

/** People from a CSV file: first shown, then done as it was shown or not at all (ACC-1). */
export class ImportService {
	readonly #options: ImportServiceOptions;

	constructor(options: ImportServiceOptions) {
		this.#options = options;
	}

	/** Every row's fate; changes nothing. Throws AppError 400, see {@link readImport}. */
	async dryRun(order: ImportOrder): Promise<ImportResult> {
		const plan = await this.#planner(order);
		const { register, clock } = this.#options;
		return resultOf(plan(register.current(), clock.now()), order.text, false);
	}

	/**
	 * Does what the dry run with this hash has shown, in one transaction; refused rows are left out. Throws AppError 400, 409
	 * `changed-meanwhile` where it would do anything else than what was shown.
	 */
	async run(order: ImportOrder, hash: string): Promise<ImportResult> {
		const plan = await this.#planner(order);
		return await this.#options.register.change(order.actor, async (edit) => {
			const planned = plan(edit.before, edit.now);
			const result = resultOf(planned, order.text, true);
			if (result.hash !== hash)
				throw conflict("changed-meanwhile", "The file or the register is not as it was at the dry run: run it again, and look at what it shows.");
			const ids = await carryOut(edit, planned);
			const { counts } = result;
			await edit.note("register.import", { type: "register", id: "import" }, { hash, ...counts });
			const given = createHash("sha256").update(ids.toSorted().join("\n")).digest("hex");
			edit.prove("register.imported", { hash, ...counts, given, by: order.actor.id });
			return result;
		});
	}

	async #planner({ text, actor, mayGrant }: ImportOrder): Promise<(register: Register, now: number) => ImportPlan> {
		const rows = readImport(text);
		const accounts = await this.#options.accounts(rows.flatMap(({ values }) => values?.account ?? []));
		return (register, now) => planImport(rows, { register, accounts, actor: actor.id, mayGrant, now });
	}
}

/** Returns the ids of the new credentials and grants. */
async function carryOut(edit: RegisterEdit, { acts }: ImportPlan): Promise<string[]> {
	const fresh = acts.filter((act) => act.fresh);
	await edit.addMany({ holders: fresh.map(({ id, holder }) => ({ id, ...holder })), credentials: [], grants: [] });
	for (const { id, fresh, holder, fields } of acts)
		if (!fresh && fields.length > 0) await edit.updateHolder(id, Object.fromEntries(fields.map((field) => [field, holder[field]])));
	const ids = await edit.addMany({
		holders: [],
		credentials: acts.flatMap(({ id: holder, card, fingerprint, until }) => [
			...(card ? [{ holder, card, fingerprint: null, until }] : []),
			...(fingerprint === null ? [] : [{ holder, card: null, fingerprint, until }]),
		]),
		grants: acts.flatMap(({ id, holder: { sponsor }, zones, reason, until }) =>
			zones.map((zone) => ({ holder: id, post: null, zone, until, schedule: null, sponsor, reason })),
		),
	});
	for (const { id, fresh, holder, card, fingerprint, zones, reason, until } of acts)
		await edit.note(
			"holder.import",
			{ type: "holder", id },
			{ ...(fresh && holder), card: card && cardKey(card), fingerprint, zones: [...zones], reason, until },
		);
	return ids;
}

/** The hash is of the file and of everything that would be done. */
function resultOf({ rows, acts }: ImportPlan, text: string, done: boolean): ImportResult {
	const hash = createHash("sha256")
		.update(JSON.stringify([text, rows, acts]))
		.digest("hex");
	const count = (fate: ImportResult["rows"][number]["fate"]) => rows.filter((row) => row.fate === fate).length;
	return {
		hash,
		done,
		counts: { create: count("create"), update: count("update"), unchanged: count("unchanged"), refused: count("refused") },
		rows: [...rows],
	};
}
