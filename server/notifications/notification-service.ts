import { randomUUID } from "node:crypto";
import { DUTY_PLACES, type DutyPlace } from "../../contracts/duty-plan.ts";
import type { Channel } from "../../contracts/notification-policy.ts";
import { locationText, type World } from "../../contracts/world.ts";
import type { AlarmFeed, FedAlarm } from "../alarms/alarm-feed.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import { Rounds } from "../platform/rounds.ts";
import type { Contact, ContactService } from "../roster/contact-service.ts";
import { onDuty } from "../roster/roster.ts";
import type { RosterService } from "../roster/roster-service.ts";
import type { WorldSource } from "../site/world-source.ts";
import * as sent from "./deliveries-store.ts";
import { deviceName } from "./device-name.ts";
import { MOST_TOLD, type ToldAlarm } from "./message.ts";
import * as store from "./notifications-store.ts";
import { groupOf, newPage, overGroupOf, type Page, repeatWindow, TEST_RULE } from "./page.ts";
import { type Draft, type Outcome, step } from "./pipeline.ts";
import { type Callable, channelsFor } from "./routing.ts";
import { reached, takeOver } from "./told-store.ts";

export interface NotificationOptions {
	world: WorldSource;
	database: Database;
	feed: AlarmFeed;
	roster: RosterService;
	contacts: ContactService;
	/** Usernames of those who lead shifts at all. */
	leads: () => Promise<readonly string[]>;
	/** Whether a channel is set. */
	configured: (channel: Channel) => boolean;
	/** Notifications were made: they can go out. */
	made: () => void;
	/** Takes part in the transaction that makes notifications of a test alarm. */
	testTold: (transaction: AnyTransaction, people: readonly string[], now: number) => Promise<void>;
	clock: Clock;
	logger: Logger;
}

const LOOK_EVERY = 1000;
/** Transitions and pages of one transaction. */
const BATCH = 1000;
const MOST_PAGES = 5000;
/** How long a dashboard that nobody opens counts as a way to reach somebody, ms. */
const PATIENCE = 60_000;
const REACH_EVERY = 5000;
const KEPT = 400 * 86_400_000;
const FORGET_EVERY = 3_600_000;

/**
 * Follows the recorded transitions of the alarms and makes notifications of them. How far it has come, what it decided and what is to be
 * sent is one transaction, so that a server killed at any moment loses nothing and says nothing twice.
 */
export class NotificationService {
	readonly #options: NotificationOptions;
	readonly #rounds: Rounds;
	#unreached = 0;
	#reachedAt = Number.NEGATIVE_INFINITY;
	#forgotAt = Number.NEGATIVE_INFINITY;

	constructor(options: NotificationOptions) {
		this.#options = options;
		const { logger } = options;
		this.#rounds = new Rounds({ look: () => this.look(), every: LOOK_EVERY, logger, failed: "alarms could not be notified of; trying again" });
	}

	/** After the alarms and the roster. What became due while the server was down is done at once. */
	start(): void {
		this.#rounds.start();
		this.#rounds.wake();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#rounds.stop();
	}

	/** Pages that wait for an answer and have reached nobody. */
	get unreached(): number {
		return this.#unreached;
	}

	/** Takes everything that has happened, or has become due, a step on. */
	async look(): Promise<void> {
		const now = this.#options.clock.now();
		for (let more = true; more; ) more = await this.#step();
		if (now - this.#reachedAt >= REACH_EVERY) {
			this.#reachedAt = now;
			await this.#checkReach(now);
		}
		if (now - this.#forgotAt >= FORGET_EVERY) {
			this.#forgotAt = now;
			await store.forget(this.#tables(), now - KEPT);
		}
	}

	/** Resolves to whether there may be more. */
	async #step(): Promise<boolean> {
		const { database, feed, clock, world } = this.#options;
		const { notifications: policy, rules } = world.current().site;
		const now = clock.now();
		const callable = await this.#callable(now);
		const { drafts, fed } = await database.transaction<store.NotificationTables, { drafts: number; fed: number }>(async (transaction) => {
			const cursor = await store.lockCursor(transaction);
			const happened = await feed.after(cursor, BATCH, transaction);
			const last = happened.at(-1);
			if (last) {
				// Late ones tell of a state that may be over (ALM-5).
				const live = happened.filter(({ late }) => !late);
				await store.makeDue(transaction, [...new Set(live.map(({ alarm }) => alarm))], now);
				const raised = live.filter(({ kind }) => kind === "raised");
				await store.addPages(
					transaction,
					raised.map(({ alarm, occurrence }) => newPage(alarm, occurrence, now)),
				);
				await store.moveCursor(transaction, last.id);
			}
			const answered = happened.filter(({ kind }) => kind === "acknowledged");
			await store.answer(transaction, answered);
			const pages = await store.duePages(transaction, { now, repeatBy: now + repeatWindow(policy), limit: MOST_PAGES });
			if (pages.length === 0 && answered.length === 0) return { drafts: 0, fed: happened.length };
			const alarms = await feed.alarms(
				pages.map(({ alarm }) => alarm),
				transaction,
			);
			const keys = pages.flatMap((page) => (page.group === null ? [] : [page.group]));
			const groups = await store.groups(
				transaction,
				[...keys, ...[...alarms.values()].flatMap((alarm) => [groupOf(alarm), overGroupOf(alarm)])],
				now,
			);
			const over = pages.filter(({ alarm, pagedAt }) => pagedAt !== null && alarms.get(alarm)?.active === false);
			const before = await store.pagesBefore(transaction, pages);
			const outcome = step({
				now,
				policy,
				pages,
				before,
				alarms,
				groups,
				callable,
				receivers: (rule) => rules.find(({ id }) => id === rule)?.receivers ?? [],
				reached: await reached(transaction, [...over, ...before.values()]),
			});
			await this.#keep(transaction, outcome, now);
			const closed = outcome.pages.filter(({ reason }) => reason === "acknowledged");
			const toDrop = [...answered, ...closed].map(({ alarm }) => alarm);
			await sent.dropAnswered(transaction, [...new Set(toDrop)], now);
			return { drafts: outcome.drafts.length, fed: happened.length };
		});
		if (drafts > 0) this.#options.made();
		return fed === BATCH;
	}

	async #keep(transaction: AnyTransaction, { pages, groups, drafts, continued }: Outcome, now: number): Promise<void> {
		await store.putPages(transaction, pages);
		await takeOver(transaction, continued);
		await store.putGroups(transaction, groups);
		const people = drafts.flatMap(({ person }) => person ?? []);
		const contacts = people.length > 0 ? await this.#options.contacts.of(people, transaction) : new Map<string, Contact>();
		for (const draft of drafts) {
			const deliveries = this.#deliveries(draft, contacts, now);
			if (deliveries.length === 0) continue;
			const told = draft.alarms.map(({ id: alarm, occurrence }) => ({ alarm, occurrence, notification: draft.id }));
			await sent.addNotification(transaction, this.#notification(draft, now), told);
			await sent.addDeliveries(transaction, deliveries);
		}
		const tested = drafts.filter(({ group }) => group === TEST_RULE).flatMap(({ person }) => person ?? []);
		if (tested.length > 0) await this.#options.testTold(transaction, tested, now);
		await sent.dropToldAnew(
			transaction,
			drafts.filter(({ kind }) => kind !== "resolved").flatMap(({ alarms }) => alarms.map(({ id }) => id)),
			now,
		);
	}

	/**
	 * One for each channel that is set; where it can't reach the person, it has failed from the beginning. That something is over was
	 * asked for by nobody: it goes where it can.
	 */
	#deliveries({ id, person, priority, kind }: Draft, contacts: ReadonlyMap<string, Contact>, now: number): store.StoredDelivery[] {
		const { world, configured } = this.#options;
		const channels = channelsFor(priority, person === null ? "webhook" : "person", kind, world.current().site.notifications);
		return channels.filter(configured).flatMap((channel): store.StoredDelivery[] => {
			const contact = person === null ? undefined : contacts.get(person);
			const address = person === null ? "" : contact ? addressOf(contact, channel) : null;
			const common = { id: randomUUID(), notification: id, person, channel, address, tries: [], triesMade: 0, createdAt: now };
			if (address !== null) return [{ ...common, state: "pending", reason: null, nextAt: now, endedAt: null }];
			const reason = contact ? "no address" : "no account in use";
			return kind === "resolved" ? [] : [{ ...common, state: "failed", reason, nextAt: null, endedAt: now }];
		});
	}

	#notification({ id, group, kind, person, priority, alarms }: Draft, now: number): store.StoredNotification {
		const world = this.#options.world.current();
		const told = alarms.slice(0, MOST_TOLD).map((alarm) => toldOf(alarm, world));
		return { id, group, kind, person, priority, alarms: told, count: alarms.length, at: now };
	}

	async #callable(now: number): Promise<Callable> {
		const { roster, leads } = this.#options;
		const there = new Map<DutyPlace, string[]>(DUTY_PLACES.map((place) => [place, []]));
		for (const { place, person } of onDuty(roster.current(), now)) there.get(place)?.push(person);
		return { onDuty: there, leads: (there.get("shift-lead")?.length ?? 0) > 0 ? [] : await leads() };
	}

	/** Whom nothing reached, the next in the chain is called for at once. */
	async #checkReach(now: number): Promise<void> {
		const { configured, database } = this.#options;
		await store.wakeLeftBehind(this.#tables(), now);
		if (!(["email", "sms", "webhook"] as const).some(configured)) {
			this.#unreached = 0;
			return;
		}
		const pages = await store.unreachedPages(this.#tables(), now - PATIENCE, MOST_PAGES);
		this.#unreached = pages.length;
		const next = pages.filter((page) => canEscalate(page, now));
		if (next.length > 0) await database.transaction<store.NotificationTables, void>((transaction) => store.escalateNow(transaction, next, now));
	}

	#tables() {
		return this.#options.database.tables<store.NotificationTables>();
	}
}

const canEscalate = ({ escalateAt }: Page, now: number): boolean => escalateAt !== null && escalateAt > now;

function addressOf(contact: Contact, channel: Channel): string | null {
	if (channel === "dashboard") return contact.username;
	return channel === "email" ? contact.email : contact.phone;
}

function toldOf(alarm: FedAlarm, world: World): ToldAlarm {
	const { id, occurrence, rule, ruleName, point, priority, raisedAt, clearedAt, message, cause, consequence, action } = alarm;
	const [device, location] = [deviceName(point, world), locationText(alarm)];
	return { id, occurrence, rule, ruleName, point, device, location, priority, raisedAt, clearedAt, message, cause, consequence, action };
}
