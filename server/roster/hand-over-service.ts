import { randomUUID } from "node:crypto";
import type { Alarm, Page } from "../../contracts/api.ts";
import type { HandOverView } from "../../contracts/roster.ts";
import type { Actor } from "../platform/actor.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import { decodeCursor, pageOfRows } from "../platform/http/paging.ts";
import { positionSchema, type RosterService } from "./roster-service.ts";
import * as store from "./roster-store.ts";

/** Alarms kept with a note. */
const MOST_ALARMS = 500;

/** Hand-over notes: what whoever comes next must know, with the alarms that were open at that moment. */
export class HandOverService {
	readonly #roster: RosterService;
	readonly #openAlarms: (limit: number) => Promise<readonly Alarm[]>;

	/** `openAlarms`: at most so many, the most important first. */
	constructor(roster: RosterService, openAlarms: (limit: number) => Promise<readonly Alarm[]>) {
		this.#roster = roster;
		this.#openAlarms = openAlarms;
	}

	/** The newest first. */
	async list({ limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<HandOverView>> {
		const rows = await store.handOvers(this.#roster.tables(), decodeCursor(cursor, positionSchema), limit + 1);
		const names = await this.#roster.names(rows.flatMap(({ from, takenBy }) => [from, ...(takenBy === null ? [] : [takenBy])]));
		return pageOfRows(
			rows,
			limit,
			(row) => view(row, names),
			({ at, id }) => ({ at, id }),
		);
	}

	async write(note: string, actor: Actor): Promise<HandOverView> {
		const open = await this.#openAlarms(MOST_ALARMS + 1);
		const alarms = open
			.slice(0, MOST_ALARMS)
			.map(({ id, ruleName, location, priority, state, raisedAt, message }) => ({ id, ruleName, location, priority, state, raisedAt, message }));
		const id = randomUUID();
		await this.#roster.change(actor, { operation: "roster.hand-over", object: id, detail: { alarms: alarms.length } }, async (transaction, now) => {
			const more = open.length > MOST_ALARMS;
			await store.insertHandOver(transaction, { id, from: actor.username, at: now, note, alarms, more, takenBy: null, takenAt: null });
		});
		return await this.#get(id);
	}

	/** Throws AppError 403 `own-note`, 404, 409 `taken-over`. */
	async take(id: string, actor: Actor): Promise<HandOverView> {
		await this.#roster.change(actor, { operation: "roster.take-over", object: id, detail: {} }, async (transaction, now) => {
			const found = await store.handOver(transaction, id);
			if (!found) throw notFound("hand-over", id);
			if (found.from === actor.username) throw new AppError("own-note", 403, "Somebody else takes over.");
			if (found.takenBy !== null) throw conflict("taken-over", "Somebody has taken over already.");
			await store.takeOver(transaction, id, actor.username, now);
		});
		return await this.#get(id);
	}

	async #get(id: string): Promise<HandOverView> {
		const found = await store.handOver(this.#roster.tables(), id);
		if (!found) throw notFound("hand-over", id);
		return view(found, await this.#roster.names([found.from, ...(found.takenBy === null ? [] : [found.takenBy])]));
	}
}

function view({ at, takenAt, ...rest }: store.StoredHandOver, names: ReadonlyMap<string, string>): HandOverView {
	const nameOf = (person: string) => names.get(person) ?? person;
	return {
		...rest,
		fromName: nameOf(rest.from),
		takenByName: rest.takenBy === null ? null : nameOf(rest.takenBy),
		at: isoOf(at),
		takenAt: isoOf(takenAt),
	};
}
