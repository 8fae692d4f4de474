/** Alarms, roster and notifications on a real database, with a clock that stands until it is set. */
import type { Alarm } from "../../contracts/api.ts";
import { AlarmFeed } from "../../server/alarms/alarm-feed.ts";
import { AlarmService } from "../../server/alarms/alarm-service.ts";
import { alarmsMigrations } from "../../server/alarms/alarms-migrations.ts";
import type { NotificationChannel } from "../../server/notifications/channels/channel.ts";
import { notificationPart } from "../../server/notifications/notifications.ts";
import { notificationsMigrations } from "../../server/notifications/notifications-migrations.ts";
import { silentLogger } from "../../server/platform/logger.ts";
import { ContactService } from "../../server/roster/contact-service.ts";
import { rosterMigrations } from "../../server/roster/roster-migrations.ts";
import { RosterService } from "../../server/roster/roster-service.ts";
import { actorWith, recordedActs } from "./actors.ts";
import { testDatabase } from "./postgres.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "./small-world.ts";

const roster = {
	shifts: [{ id: "round", name: "Round the clock", from: "00:00", to: "00:00" }],
	rotations: [
		{ id: "first", shift: "round", place: "first", people: ["ann"], startsOn: "2026-01-05" },
		{ id: "second", shift: "round", place: "second", people: ["bob"], startsOn: "2026-01-05" },
		{ id: "lead", shift: "round", place: "shift-lead", people: ["lea"], startsOn: "2026-01-05" },
	],
};
const hot = (id: string, priority: string) => ({
	id,
	name: "Hot",
	kind: "limit",
	on: { pointKind: "temperature" },
	level: "high",
	limit: 30,
	priority,
	responseTime: "10min",
	action: "Cool it",
});

export type Notifying = Awaited<ReturnType<typeof notifying>>;

/** Nothing looks by itself: `look` does. `people`: usernames with an account; all of them have an e-mail address and a number. */
export async function notifying({
	channels,
	notifications = {},
	site = {},
	people = ["ann", "bob", "lea"],
	nextRun,
}: {
	channels: (now: () => number) => readonly NotificationChannel[];
	notifications?: object;
	site?: object;
	people?: readonly string[];
	nextRun?: (cron: string, timeZone: string, now: number) => number | null;
}) {
	const db = await testDatabase({ ...alarmsMigrations, ...rosterMigrations, ...notificationsMigrations });
	const clock = settableClock();
	const logger = silentLogger();
	const acts = recordedActs();
	const world = worldSource({ ...smallSite(), roster, rules: [hot("hot", "high"), hot("too-hot", "critical")], notifications, ...site });
	const accounts = new Set(people);
	const inUse = async (usernames: readonly string[]) =>
		new Map(
			usernames
				.filter((one) => accounts.has(one))
				.map((username) => [username, { id: username, username, name: `Name of ${username}`, email: `${username}@example.org` }]),
		);
	const common = { world, database: db.database, clock, logger };
	const make = async () => {
		const alarms = new AlarmService({ ...common, ...acts, realtime: recordingRealtime(), tickEvery: null });
		const duty = new RosterService({ ...common, audit: acts.audit, people: inUse });
		const contacts = new ContactService(duty, inUse);
		const part = notificationPart({
			...common,
			audit: acts.audit,
			alarms,
			feed: new AlarmFeed(db.database),
			roster: duty,
			contacts,
			leads: async () => ["lea"],
			channels: channels(() => clock.now()),
			address: "http://watchroom.test",
			every: null,
			...(nextRun && { nextRun }),
		});
		await alarms.start();
		await duty.start();
		await part.start();
		return { alarms, duty, contacts, part };
	};
	let running = await make();
	const stopAll = async () => {
		await running.part.stop();
		await running.duty.stop();
		await running.alarms.stop();
	};
	const self = {
		database: db.database,
		clock,
		acts,
		world,
		accounts,
		get alarms() {
			return running.alarms;
		},
		get part() {
			return running.part;
		},
		get contacts() {
			return running.contacts;
		},
		get duty() {
			return running.duty;
		},
		/** Lets time pass, makes what is due and tries what can be delivered. */
		async after(ms: number) {
			clock.time += ms;
			await running.part.tests.look();
			await running.part.notifications.look();
			await running.part.deliveries.look();
		},
		/** The point t1:temperature measures something. */
		async measures(value: number) {
			clock.time += 1;
			const ts = clock.now();
			await running.alarms.evaluate([{ point: "t1:temperature", ts, receivedAt: ts, value, quality: "good" }], false);
		},
		async alarm(rule = "hot"): Promise<Alarm> {
			const [found] = (await running.alarms.list({ rule }, { limit: 1, after: null })).items;
			if (!found) throw new Error(`there is no alarm of ${rule}`);
			return found;
		},
		async acknowledge(rule = "hot") {
			await running.alarms.acknowledge((await self.alarm(rule)).id, {}, actorWith(["alarms.acknowledge"]));
		},
		/** `channel person: state (reason)`, the oldest first. */
		async log() {
			const { items } = await running.part.views.deliveries({ limit: 500 });
			return items
				.toReversed()
				.map(({ channel, person, kind, state, reason }) => `${kind} ${channel} ${person ?? "-"}: ${state}${reason ? ` (${reason})` : ""}`);
		},
		/** As after a crash and a new start. */
		async restart() {
			await stopAll();
			running = await make();
		},
		async stop() {
			await stopAll();
			await db.drop();
		},
	};
	return self;
}
