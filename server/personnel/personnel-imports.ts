import type { PersonnelImport } from "../../contracts/personnel.ts";
import type { AccessRegister } from "../access/register/access-register.ts";
import type { Actor } from "../platform/actor.ts";
import type { Database } from "../platform/database/database.ts";
import { conflict } from "../platform/errors.ts";
import { type PersonnelPlan, planPersonnel, readPersonnel } from "./personnel-file.ts";
import { type PersonnelService, peopleOf } from "./personnel-service.ts";
import * as store from "./personnel-store.ts";

export interface PersonnelImportsOptions {
	personnel: PersonnelService;
	register: AccessRegister;
	database: Database;
	accounts: (usernames: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}
export interface ImportAsked {
	dryRun?: boolean | undefined;
	full?: boolean | undefined;
	expectLeavers?: number | undefined;
	/** Of a file of the drop folder: done once. */
	key?: string | undefined;
}

/** The HR system's files: every good row of one in one transaction (ACC-5). */
export class PersonnelImports {
	readonly #options: PersonnelImportsOptions;

	constructor(options: PersonnelImportsOptions) {
		this.#options = options;
	}

	/** What the file with this key did; `undefined`: it is not done yet. */
	async resultOf(key: string): Promise<unknown> {
		return await store.fileResult(this.#options.database.tables<store.PersonnelTables>(), key);
	}

	/**
	 * Throws AppError 400 for a file that can't be read, 409 `too-many-leavers` when more people would leave than the limit and
	 * `expectLeavers` doesn't say exactly so many; nothing is changed then.
	 */
	async run(text: string, { dryRun = false, full = false, expectLeavers, key }: ImportAsked, actor: Actor): Promise<PersonnelImport> {
		const { personnel, register, database, accounts } = this.#options;
		const rows = readPersonnel(text);
		const plan = (known: Awaited<ReturnType<typeof store.people>>, people: ReturnType<typeof peopleOf>) =>
			planPersonnel(rows, {
				people,
				fromFile: new Map([...known.values()].filter(({ source }) => source === "file").map(({ holder, externalId }) => [holder, externalId])),
				full,
			});
		if (dryRun) return resultOf(plan(await store.people(database.tables<store.PersonnelTables>()), peopleOf(register.current())), false);
		const ids = await accounts(rows.flatMap(({ values }) => values?.userName ?? []));
		return await personnel.act(actor, async (edit, told) => {
			const planned = plan(await store.people(edit.transaction), peopleOf(edit.before));
			const { leavers, limit } = planned;
			if (leavers > limit && expectLeavers !== leavers)
				throw conflict(
					"too-many-leavers",
					`${leavers} people would leave by this file, more than ${limit}. If that is right, send it with expectLeavers=${leavers}.`,
				);
			for (const { holder, values } of planned.acts) {
				if (holder) await personnel.changeIn(edit, holder, { ...values, userName: undefined }, "file", told);
				else await personnel.joinIn(edit, values, "file", ids);
			}
			const result = resultOf(planned, true);
			await edit.note("personnel.import", { type: "personnel", id: key ?? "import" }, { ...result.counts });
			edit.prove("personnel.imported", { ...result.counts, by: edit.actor.id });
			if (key !== undefined) await store.insertFile(edit.transaction, key, edit.now, result);
			return result;
		});
	}
}

function resultOf({ rows, limit }: PersonnelPlan, done: boolean): PersonnelImport {
	const count = (fate: PersonnelImport["rows"][number]["fate"]) => rows.filter((row) => row.fate === fate).length;
	return {
		done,
		counts: {
			join: count("join"),
			rejoin: count("rejoin"),
			update: count("update"),
			leave: count("leave"),
			unchanged: count("unchanged"),
			refused: count("refused"),
		},
		leaverLimit: limit,
		rows,
	};
}
