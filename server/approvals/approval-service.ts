import { randomBytes, randomUUID } from "node:crypto";
import type { Page } from "../../contracts/api.ts";
import type { ChangeKindName, ChangeView, Proposal } from "../../contracts/changes.ts";
import type { Permission } from "../../contracts/permissions.ts";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender, LedgerEntry } from "../ledger/ledger-entry.ts";
import { type Actor, may, SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, conflict, invalid, notFound } from "../platform/errors.ts";
import { pageOfRows } from "../platform/http/paging.ts";
import type { Logger } from "../platform/logger.ts";
import { Rounds } from "../platform/rounds.ts";
import type { SamePerson } from "../platform/same-person.ts";
import { type ChangeAct, type ChangeState, type Decider, decide, proposalDigest, saltedDigest, sameJson, whyNotDecided } from "./change.ts";
import { lineOf, type Operation, refusal } from "./change-audit.ts";
import type { ChangeKind } from "./change-kind.ts";
import {
	type ApprovalTables,
	type ChangePosition,
	findChange,
	insertChange,
	listChanges,
	noteLedgerIndex,
	type StoredChange,
	settleChange,
	takeExpired,
} from "./change-store.ts";
import { Turns } from "./turns.ts";

export interface Person {
	id: string;
	username: string;
	name: string;
}
export interface ApprovalServiceOptions {
	database: Database;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
	logger: Logger;
	/** Whether an account has a permission at a site at this moment; MUST stay so until the transaction is over. */
	holds: (transaction: AnyTransaction, account: string, permission: Permission, site: string, now: number) => Promise<boolean>;
	samePerson: SamePerson;
	/** Names of accounts; unknown ones are left out. */
	people(ids: readonly string[]): Promise<ReadonlyMap<string, Person>>;
}
/** How an act ended within its transaction; a refusal is told after the commit, which keeps what it recorded. */
type Outcome = { change: StoredChange; refused: AppError | null };

/**
 * Decisions under way at once. They wait for each other at the ledger anyway; a storm of them must not take every connection from the
 * rest of the server.
 */
const DECISIONS_AT_ONCE = 4;
const SWEEP_EVERY = 30_000;
const SWEEP_ROWS = 200;

/**
 * Two-person approval (IAM-4): a change that can do harm is proposed by one person and decided by another one. Applying it, the
 * audit line and the ledger entries are one transaction.
 */
export class ApprovalService {
	readonly #options: ApprovalServiceOptions;
	readonly #turns = new Turns(DECISIONS_AT_ONCE);
	readonly #kinds = new Map<string, ChangeKind>();
	readonly #rounds: Rounds;

	constructor(options: ApprovalServiceOptions) {
		this.#options = options;
		const failed = "expired proposals could not be marked; they are refused all the same";
		this.#rounds = new Rounds({ look: () => this.sweep(), every: SWEEP_EVERY, logger: options.logger, failed });
	}

	/** Makes a kind of change known; once each, before the first request. */
	register<P extends Proposal>(kind: ChangeKind<P>): void {
		if (this.#kinds.has(kind.kind)) throw new Error(`the kind of change ${kind.kind} is registered twice`);
		// A kind is only ever handed proposals of its own kind.
		this.#kinds.set(kind.kind, kind as unknown as ChangeKind);
	}

	start(): void {
		this.#rounds.start();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#rounds.stop();
	}

	/**
	 * Proposes a change. Throws AppError 403 `forbidden` without the kind's permission, 409 `already-proposed`, and whatever the
	 * kind finds impossible.
	 */
	async propose(proposal: Proposal, actor: Actor): Promise<ChangeView> {
		const kind = this.#kinds.get(proposal.kind);
		if (!kind)
			throw invalid("This change can't be proposed here.", [{ field: "kind", message: `expected one of ${[...this.#kinds.keys()].join(", ")}` }]);
		const { database, clock, audit } = this.#options;
		const now = clock.now();
		const object = { type: "change", id: proposal.kind };
		try {
			refuseNobody(actor);
			if (!may(actor, kind.propose)) throw forbidden("You don't have the permission to propose it.");
			// What has expired must not stand in the way of the same proposal made anew.
			await this.sweep();
			const change = await this.#turns.run(() =>
				database.transaction<ApprovalTables, StoredChange>(async (transaction) => {
					const { before, after, subject, site, title } = await kind.describe(transaction, proposal, { id: actor.id });
					if (!may(actor, kind.propose, site) || !(await this.#options.holds(transaction, actor.id, kind.propose, site, now)))
						throw forbidden(`You don't have the permission to propose it for ${site === "*" ? "every site" : `the site ${site}`}.`);
					const made: StoredChange = {
						id: randomUUID(),
						kind: proposal.kind,
						subject,
						site,
						title,
						proposal,
						proposalDigest: proposalDigest(proposal),
						before,
						after,
						salt: randomBytes(16).toString("hex"),
						reason: proposal.reason,
						state: "pending",
						proposedBy: actor.id,
						proposedAt: now,
						expiresAt: now + kind.expiresAfter,
						decidedBy: null,
						decidedAt: null,
						comment: null,
						ledgerIndex: null,
					};
					if (!(await insertChange(transaction, made)))
						throw conflict("already-proposed", "The same change is proposed already and waits for a decision.");
					await audit.record(transaction, lineOf(made, "propose", actor, { before, after, reason: made.reason }));
					return made;
				}),
			);
			return await this.#view(change, actor);
		} catch (error) {
			if (error instanceof AppError && error.status === 403) await audit.note(refusal("propose", actor, object, error));
			throw error;
		}
	}

	/**
	 * Approves and applies a change. Throws AppError 403 `own-proposal`, `same-person`, `excluded`, `forbidden`; 404; 409 `already-decided`,
	 * `change-expired`, `change-stale` or what the kind finds impossible now. What is refused for good (expired, stale) is recorded as such.
	 */
	async approve(id: string, actor: Actor, comment: string | null): Promise<ChangeView> {
		return await this.#act(id, "approve", actor, comment);
	}

	/** Rejects a change; refusals as for {@link approve}. */
	async reject(id: string, actor: Actor, comment: string | null): Promise<ChangeView> {
		return await this.#act(id, "reject", actor, comment);
	}

	/** Takes one's own proposal back; 403 `forbidden` for anybody else's, and for a token that could not propose it. */
	async withdraw(id: string, actor: Actor, comment: string | null): Promise<ChangeView> {
		return await this.#act(id, "withdraw", actor, comment);
	}

	/** Changes that somebody proposed, may decide or decided, newest first. */
	async list(
		filter: { state?: ChangeState | undefined; kind?: ChangeKindName | undefined; mine: boolean },
		actor: Actor,
		page: { limit: number; after: ChangePosition | null },
	): Promise<Page<ChangeView>> {
		const { mine, ...rest } = filter;
		const rows = await listChanges(
			this.#options.database.tables<ApprovalTables>(),
			{ account: actor.id, kinds: this.#decidable(actor) },
			{ ...rest, proposedBy: mine ? actor.id : undefined, now: this.#options.clock.now() },
			page.after,
			page.limit + 1,
		);
		const people = await this.#people(rows);
		return pageOfRows(
			rows,
			page.limit,
			(row) => this.#viewWith(row, actor, people),
			(last): ChangePosition => ({ at: last.proposedAt, id: last.id }),
		);
	}

	/** Throws AppError 404 for what isn't there or isn't to be seen by this person. */
	async get(id: string, actor: Actor): Promise<ChangeView> {
		const change = await findChange(this.#options.database.tables<ApprovalTables>(), id);
		if (!change || !this.#sees(change, actor)) throw notFound("change", id);
		return await this.#view(change, actor);
	}

	/** Index of the ledger entry of a decision, which the entries of its kind come just before; `null` where nothing is decided. */
	async ledgerIndexOf(id: string): Promise<number | null> {
		return (await findChange(this.#options.database.tables<ApprovalTables>(), id))?.ledgerIndex ?? null;
	}

	/** Marks what has expired, and resolves to how many. */
	async sweep(): Promise<number> {
		const { database, clock } = this.#options;
		let marked = 0;
		for (;;) {
			const some = await database.transaction<ApprovalTables, number>((transaction) => this.#expirePending(transaction, clock.now()));
			marked += some;
			if (some < SWEEP_ROWS) return marked;
		}
	}

	async #act(id: string, act: ChangeAct, actor: Actor, comment: string | null): Promise<ChangeView> {
		const { database, audit } = this.#options;
		try {
			refuseNobody(actor);
			const { change, refused } = await this.#turns.run(() =>
				database.transaction<ApprovalTables, Outcome>((transaction) => this.#decideIn(transaction, id, act, actor, comment)),
			);
			if (refused) throw refused;
			if (change.state === "applied") await this.#afterwards(change);
			return await this.#view(change, actor);
		} catch (error) {
			if (error instanceof AppError && error.status < 500 && error.status !== 404)
				await audit.note(refusal(act, actor, { type: "change", id }, error));
			throw error;
		}
	}

	/** Locks the change, decides by the rules, carries out, records; the ledger comes last. */
	async #decideIn(transaction: AnyTransaction, id: string, act: ChangeAct, actor: Actor, comment: string | null): Promise<Outcome> {
		const change = await findChange(transaction, id, true);
		if (!change) throw notFound("change", id);
		const kind = this.#kindOf(change);
		const now = this.#options.clock.now();
		// A person takes back what they proposed also without the right by now; a token does nothing beyond its scope.
		if (act === "withdraw" && actor.method === "token" && !may(actor, kind.propose, change.site))
			return { change, refused: forbidden("This token may not propose such a change, so it can't take one back either.") };
		const decision = decide(change, act, this.#decider(kind, change, actor), now);
		if ("refused" in decision) {
			const { code, status, reason } = decision.refused;
			// Whoever can't see it doesn't learn that it is there.
			if (code === "forbidden" && !this.#sees(change, actor)) throw notFound("change", id);
			if (decision.expires) await this.#settle(transaction, change, { state: "expired", operation: "expire", by: null, now, comment: null });
			return { change, refused: new AppError(code, status, reason) };
		}
		if (decision.to !== "applied")
			return { change: await this.#settle(transaction, change, { state: decision.to, operation: act, by: actor, now, comment }), refused: null };

		const stale = await this.#staleness(transaction, kind, change);
		if (stale) {
			await this.#settle(transaction, change, { state: "stale", operation: "stale", by: actor, now, comment: stale.message });
			return { change, refused: stale };
		}
		await this.#demandRights(transaction, kind, change, actor, now);
		const entries = await kind.apply(transaction, { id, proposal: change.proposal, proposer: { id: change.proposedBy }, approver: actor, now });
		return {
			change: await this.#settle(transaction, change, { state: "applied", operation: "approve", by: actor, now, comment }, entries),
			refused: null,
		};
	}

	/** Whether the world has changed since the proposal, as the error to answer with. */
	async #staleness(transaction: AnyTransaction, kind: ChangeKind, change: StoredChange): Promise<AppError | null> {
		try {
			const { before } = await kind.describe(transaction, change.proposal, { id: change.proposedBy });
			if (sameJson(before, change.before)) return null;
			return conflict("change-stale", "What it changes is no longer as it was when it was proposed; propose it again.");
		} catch (error) {
			// A refusal of the kind's own; an error of the database has ended the transaction.
			if (error instanceof AppError && error.status < 500) return error;
			throw error;
		}
	}

	/** Both people's rights as they are at this moment, after the kind's locks: what the request brought may be older. */
	async #demandRights(transaction: AnyTransaction, kind: ChangeKind, change: StoredChange, actor: Actor, now: number): Promise<void> {
		const { holds } = this.#options;
		if (!(await holds(transaction, actor.id, kind.approve, change.site, now)))
			throw forbidden("You don't have the permission to decide it any more.");
		if (!(await holds(transaction, change.proposedBy, kind.propose, change.site, now)))
			throw conflict("proposer-without-right", "Whoever proposed it has lost the right to; somebody who has it proposes it again.");
	}

	/** Writes the state, the audit line, and last the ledger entries: the kind's own and that of the decision. */
	async #settle(
		transaction: AnyTransaction,
		change: StoredChange,
		decided: { state: ChangeState; operation: Operation; by: Actor | null; now: number; comment: string | null },
		entries: readonly LedgerEntry[] = [],
	): Promise<StoredChange> {
		const { state, operation, by, now, comment } = decided;
		const { audit, ledger } = this.#options;
		await settleChange(transaction, change.id, { state, by: by?.id ?? null, at: now, comment });
		await audit.record(transaction, lineOf(change, operation, by ?? SYSTEM, { before: change.before, after: change.after, comment }));
		for (const entry of entries) await ledger.append(transaction, entry);
		const ledgerIndex = await ledger.append(transaction, {
			type: `change.${state === "applied" ? "approved" : state}`,
			version: 1,
			at: now,
			data: {
				change: change.id,
				kind: change.kind,
				site: change.site,
				proposedBy: change.proposedBy,
				proposedAt: change.proposedAt,
				decidedBy: by?.id ?? null,
				subject: saltedDigest(change.salt, change.subject),
				before: saltedDigest(change.salt, change.before),
				after: saltedDigest(change.salt, change.after),
				reason: saltedDigest(change.salt, change.reason),
			},
		});
		await noteLedgerIndex(transaction, change.id, ledgerIndex);
		return { ...change, state, decidedBy: by?.id ?? null, decidedAt: now, comment, ledgerIndex };
	}

	async #expirePending(transaction: AnyTransaction, now: number): Promise<number> {
		const expired = await takeExpired(transaction, now, SWEEP_ROWS);
		for (const change of expired) await this.#settle(transaction, change, { state: "expired", operation: "expire", by: null, now, comment: null });
		return expired.length;
	}

	async #afterwards(change: StoredChange): Promise<void> {
		try {
			await this.#kindOf(change).applied?.({ id: change.id, proposal: change.proposal });
		} catch (error) {
			this.#options.logger.error({ err: error, change: change.id, kind: change.kind }, "an applied change has not taken effect everywhere");
		}
	}

	#kindOf(change: StoredChange): ChangeKind {
		const kind = this.#kinds.get(change.kind);
		if (!kind) throw new AppError("unknown-kind", 503, `Changes of the kind ${change.kind} can't be decided here.`);
		return kind;
	}

	#decider(kind: ChangeKind, change: StoredChange, actor: Actor): Decider {
		const { samePerson } = this.#options;
		const about = kind.about?.(change.proposal) ?? null;
		return {
			id: actor.id,
			isProposer: samePerson(actor.id, change.proposedBy),
			permitted: may(actor, kind.approve, change.site),
			excluded: about !== null && samePerson(actor.id, about) ? "It is about you: another person decides." : null,
		};
	}

	#decidable(actor: Actor): { kind: string; site: string }[] {
		return [...this.#kinds.values()].flatMap(({ kind, approve }) => [...(actor.permissions.get(approve) ?? [])].map((site) => ({ kind, site })));
	}

	#sees(change: StoredChange, actor: Actor): boolean {
		return (
			change.proposedBy === actor.id ||
			change.decidedBy === actor.id ||
			this.#decidable(actor).some(({ kind, site }) => kind === change.kind && (site === "*" || site === change.site))
		);
	}

	async #people(changes: readonly StoredChange[]): Promise<ReadonlyMap<string, Person>> {
		const ids = new Set(changes.flatMap(({ proposedBy, decidedBy }) => (decidedBy === null ? [proposedBy] : [proposedBy, decidedBy])));
		return ids.size === 0 ? new Map() : await this.#options.people([...ids]);
	}

	async #view(change: StoredChange, actor: Actor): Promise<ChangeView> {
		return this.#viewWith(change, actor, await this.#people([change]));
	}

	#viewWith(change: StoredChange, actor: Actor, people: ReadonlyMap<string, Person>): ChangeView {
		const person = (id: string): Person => people.get(id) ?? { id, username: id, name: id };
		const state = change.state === "pending" && this.#options.clock.now() >= change.expiresAt ? "expired" : change.state;
		const why = state !== "pending" ? `It is ${state}.` : (whyNotDecided(change, this.#decider(this.#kindOf(change), change, actor))?.reason ?? null);
		const json = (value: StoredChange["before"]) => value as ChangeView["before"];
		return {
			id: change.id,
			kind: change.kind,
			subject: change.subject,
			title: change.title,
			before: json(change.before),
			after: json(change.after),
			reason: change.reason,
			state,
			proposedBy: person(change.proposedBy),
			proposedAt: isoOf(change.proposedAt),
			expiresAt: isoOf(change.expiresAt),
			decidedBy: change.decidedBy === null ? null : person(change.decidedBy),
			decidedAt: isoOf(change.decidedAt),
			comment: change.comment,
			ledgerIndex: change.ledgerIndex,
			decidable: why === null,
			undecidableBecause: why,
		};
	}
}

const forbidden = (detail: string) => new AppError("forbidden", 403, detail);

/** The console and the server itself are no persons: two of them make no two people. */
function refuseNobody(actor: Actor): void {
	if (actor.method === "console" || actor.method === "system") throw forbidden("Only a person with an account proposes and decides.");
}
