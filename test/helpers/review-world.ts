/** A site of many people, doors and access events for tests and benchmarks of reviews; the same at each run. */
import { sql } from "kysely";
import { AccessService } from "../../server/access/access-service.ts";
import type { Removals } from "../../server/access/controllers/removal.ts";
import { AccessRegister } from "../../server/access/register/access-register.ts";
import type { Actor } from "../../server/platform/actor.ts";
import type { Database } from "../../server/platform/database/database.ts";
import type { PostgresDatabase } from "../../server/platform/database/postgres-database.ts";
import { silentLogger } from "../../server/platform/logger.ts";
import { ReviewCampaigns } from "../../server/reviews/review-campaigns.ts";
import { ReviewClosing } from "../../server/reviews/review-closing.ts";
import { ReviewService } from "../../server/reviews/review-service.ts";
import { actorWith, recordedActs } from "./actors.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "./small-world.ts";

const DAY = 86_400_000;
export interface WorldSize {
	holders: number;
	zones: number;
	/** 1 January 1970 and on, Unix ms: the newest event is at most this. */
	until: number;
}
/** Two doors lead into each zone; a person has two zones or three. */
const zonesOfHolder = (holder: number, zones: number) => [...Array(2 + (holder % 2)).keys()].map((k) => (holder * 3 + k) % zones);

export const HOURS = { days: ["mon", "tue", "wed", "thu", "fri"], from: "06:00", to: "20:00" } as const;

export function reviewSite({ holders, zones }: WorldSize) {
	const small = smallSite();
	const [hall] = small.rooms;
	if (!hall) throw new Error("the small site has no hall");
	const rooms = [...Array(zones).keys()].map((zone) => ({
		...hall,
		id: `room-${zone}`,
		name: `Room ${zone}`,
		devices: zone === 0 ? hall.devices : [],
	}));
	const [door] = small.doors;
	if (!door) throw new Error("the small site has no door");
	return {
		...small,
		rooms,
		racks: [],
		doors: [...Array(zones * 2).keys()].map((number) => ({
			...door,
			id: `door-${number}`,
			name: `Door ${number}`,
			to: `room-${number >> 1}`,
			readers: [],
		})),
		// Every second zone has usual hours.
		zones: rooms.map(({ id }, zone) => ({
			id: `zone-${zone}`,
			name: `Zone ${zone}`,
			rooms: [id],
			reviewers: ["rita", "ralf"],
			...(zone % 2 === 0 && { hours: [HOURS] }),
		})),
		reviews: { dueAfterDays: 10, reviewers: ["ralf"], undecided: "escalate", secondPersonAbove: 0.2 },
		holders: [...Array(holders).keys()].map((holder) => ({
			id: `h${holder}`,
			name: `Person ${holder}`,
			role: "employee",
			card: { format: "H10302", facility: 0, number: holder + 1 },
			...(holder === 0 && { account: "rita" }),
			...(holder > 0 && holder <= 20 && { sponsor: "h0" }),
			zones: zonesOfHolder(holder, zones).map((zone) => `zone-${zone}`),
		})),
	};
}

/** Puts in `events` access events of the 110 days before `until`: most by day, some people by night, some denied now and then, some people never. */
export async function fillEvents(database: PostgresDatabase, { holders, zones, until }: WorldSize, events: number): Promise<void> {
	const step = 100_000;
	const tables = database.tables();
	// Indexes are built faster than they are kept.
	const { rows: indexes } = await sql<{ name: string; made: string }>`SELECT indexname AS name, indexdef AS made FROM pg_indexes
		WHERE tablename = 'access_events' AND indexdef NOT LIKE '%UNIQUE%'`.execute(tables);
	for (const { name } of indexes) await database.statement(`DROP INDEX ${name}`);
	for (let from = 0; from < events; from += step)
		await sql`INSERT INTO access_events (type, device, seq, digest, conflict, door, door_name, ts, received_at, late, direction, method, holder, result, reason)
			SELECT 'access', 'r1', n, n::text, false, 'door-' || (zone * 2 + n % 2), 'Door', ts, ts, false, 'in', 'card', 'h' || h,
				CASE WHEN h % 10 = 0 AND r % 20 = 0 THEN 'denied' ELSE 'granted' END, 'granted'
			FROM (
				SELECT n, h, r, (h * 3 + r % (2 + h % 2)) % ${zones}::int AS zone,
					to_timestamp(${Math.floor(until / DAY) * 86_400}::int - (1 + r % 110) * 86400
						+ (CASE WHEN h % 7 = 0 AND r % 9 = 0 THEN 22 ELSE 7 + r % 9 END) * 3600 + r % 3600) AS ts
				FROM (
					SELECT n, CASE WHEN n % ${holders}::int % 13 = 5 THEN (n + 1) % ${holders}::int ELSE n % ${holders}::int END AS h, abs(hashint4(n) / 7) AS r
					FROM generate_series(${from + 1}::int, ${Math.min(from + step, events)}::int) AS n
				) numbered
			) placed`.execute(tables);
	for (const { made } of indexes) await database.statement(made);
	await database.statement("VACUUM ANALYZE access_events");
}

const named = async (ids: readonly string[]) => new Map(ids.map((id) => [id, { id, username: id, name: id }]));
export const reviewer = (id: string): Actor => actorWith(["reviews.decide", "reviews.read", "access.personal", "access.card-numbers"], { id });

/** The real parts on a database; controllers confirm when `confirmedAt` says so. */
export async function reviewParts(database: Database, size: WorldSize, now: number) {
	const clock = settableClock(now);
	const acts = recordedActs();
	const logger = silentLogger();
	const world = worldSource(reviewSite(size));
	const register = new AccessRegister({
		world,
		database,
		...acts,
		clock,
		logger,
		accounts: async (names) => new Map(names.map((name) => [name, name])),
	});
	await register.start();
	const access = new AccessService({ world, database, realtime: recordingRealtime(), clock, register: () => register.current() });
	const able = ["rita", "ralf"].map((id) => ({ account: id, username: id }));
	const reviewers = async () => able;
	const reviews = new ReviewService({
		database,
		register,
		roles: { revoke: async () => [], revoked: () => undefined },
		people: named,
		reviewers,
		...acts,
		clock,
	});
	const campaigns = new ReviewCampaigns({
		database,
		world,
		register,
		access,
		reviewers,
		heldRoles: async () => [],
		isAdministrator: () => false,
		reviews,
		...acts,
		clock,
		logger,
	});
	const controllers: { confirmedAt: number | null } = { confirmedAt: null };
	const removals: Removals = { progress: async () => ({ confirmedAt: controllers.confirmedAt, records: [] }), onConfirmed: () => undefined };
	const closing = new ReviewClosing({
		database,
		reviews,
		register: () => register.current(),
		removals,
		findings: { after: async () => [], onNew: () => undefined },
		report: async () => undefined,
		...acts,
		clock,
		logger,
		every: null,
	});
	return { clock, acts, register, access, reviews, campaigns, closing, controllers };
}
