import { randomUUID } from "node:crypto";
import type { Page } from "../../contracts/api.ts";
import type { SwapInput, SwapView } from "../../contracts/roster.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, conflict, invalid, notFound } from "../platform/errors.ts";
import { decodeCursor, pageOfRows } from "../platform/http/paging.ts";
import type { Duty } from "./roster.ts";
import { positionSchema, type RosterService } from "./roster-service.ts";
import * as store from "./roster-store.ts";

/** Swaps of duties: one asks, and nothing changes before the other accepts. */
export class SwapService {
	readonly #roster: RosterService;

	constructor(roster: RosterService) {
		this.#roster = roster;
	}

	/** The newest first. */
	async list({ limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<SwapView>> {
		const rows = await store.swaps(this.#roster.tables(), { after: decodeCursor(cursor, positionSchema), limit: limit + 1 });
		const names = await this.#roster.names(rows.flatMap(({ from, to }) => [from, to]));
		return pageOfRows(
			rows,
			limit,
			(row) => view(row, names),
			({ at, id }) => ({ at, id }),
		);
	}

	/** Throws AppError 403 `not-your-duty`, 404, 409 `duty-over`, `double-duty`, 400 for somebody without an account. */
	async propose({ give, take, to, note }: SwapInput, actor: Actor): Promise<SwapView> {
		if (to === actor.username) throw invalid("A swap takes two people.", [{ field: "to", message: "expected somebody else" }]);
		if (!(await this.#roster.names([to])).has(to))
			throw invalid("The swap names somebody who can't be on duty.", [{ field: "to", message: `${to} is no account in use that may be on duty` }]);
		const id = randomUUID();
		await this.#roster.change(actor, { operation: "roster.swap-propose", object: id, detail: { give, take, to } }, async (transaction, now) => {
			const made: store.StoredSwap = { id, state: "proposed", from: actor.username, to, give, take, note, at: now, decidedAt: null };
			this.#check(made, now);
			await store.insertSwap(transaction, made);
		});
		return await this.#get(id);
	}

	/** By whom it was asked. Throws AppError 403 `not-your-swap`, `not-your-duty`, 404, 409 `swap-decided`, `duty-over`, `double-duty`. */
	async accept(id: string, actor: Actor): Promise<SwapView> {
		return await this.#decide(id, "accepted", actor, async (transaction, swap, now) => {
			const { give, take } = this.#check(swap, now);
			const by = actor.username;
			await store.assign(transaction, { rotation: give.rotation, day: give.day, person: swap.to, by, at: now });
			if (take) await store.assign(transaction, { rotation: take.rotation, day: take.day, person: swap.from, by, at: now });
		});
	}

	/** By whom it was asked. Throws AppError 403 `not-your-swap`, 404, 409 `swap-decided`. */
	async decline(id: string, actor: Actor): Promise<SwapView> {
		return await this.#decide(id, "declined", actor);
	}

	/** By who asked. Throws AppError 403 `not-your-swap`, 404, 409 `swap-decided`. */
	async withdraw(id: string, actor: Actor): Promise<SwapView> {
		return await this.#decide(id, "withdrawn", actor);
	}

	async #decide(
		id: string,
		state: Exclude<SwapView["state"], "proposed">,
		actor: Actor,
		work: (transaction: AnyTransaction, swap: store.StoredSwap, now: number) => Promise<void> = async () => undefined,
	): Promise<SwapView> {
		await this.#roster.change(actor, { operation: `roster.swap-${state}`, object: id, detail: {} }, async (transaction, now) => {
			const swap = await store.swap(transaction, id);
			if (!swap) throw notFound("swap", id);
			if (actor.username !== (state === "withdrawn" ? swap.from : swap.to))
				throw new AppError("not-your-swap", 403, "Who was asked accepts or declines a swap, and who asked withdraws it.");
			if (swap.state !== "proposed") throw conflict("swap-decided", `This swap was ${swap.state} before.`);
			await work(transaction, swap, now);
			await store.decideSwap(transaction, id, state, now);
		});
		return await this.#get(id);
	}

	/** Whether it can be done as the roster is now. */
	#check({ give, take, from, to }: store.StoredSwap, now: number): { give: Duty; take: Duty | null } {
		const given = this.#roster.openDuty(give, now);
		const taken = take && this.#roster.openDuty(take, now);
		if (given.person !== from) throw new AppError("not-your-duty", 403, `${from} doesn't have that duty to give.`);
		if (taken && taken.person !== to) throw new AppError("not-your-duty", 403, `${to} doesn't have that duty to give.`);
		this.#roster.refuseDouble(to, given, taken ? [taken] : []);
		if (taken) this.#roster.refuseDouble(from, taken, [given]);
		return { give: given, take: taken };
	}

	async #get(id: string): Promise<SwapView> {
		const swap = await store.swap(this.#roster.tables(), id);
		if (!swap) throw notFound("swap", id);
		return view(swap, await this.#roster.names([swap.from, swap.to]));
	}
}

function view({ at, decidedAt, ...swap }: store.StoredSwap, names: ReadonlyMap<string, string>): SwapView {
	const name = (person: string) => names.get(person) ?? person;
	return { ...swap, fromName: name(swap.from), toName: name(swap.to), at: isoOf(at), decidedAt: isoOf(decidedAt) };
}
