/** Media with their chains of custody and a ledger on a real PostgreSQL; the audit log keeps what it is told. */
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { IncidentOutcome, MediumInput, MediumView, StepInput } from "../../contracts/media.ts";
import type { BatchInput, EquipmentInput } from "../../contracts/media-orders.ts";
import type { Permission } from "../../contracts/permissions.ts";
import { CertificatesService } from "../../server/custody/certificates-service.ts";
import { custodyMigrations } from "../../server/custody/custody-migrations.ts";
import { CustodyService } from "../../server/custody/custody-service.ts";
import { EquipmentService } from "../../server/custody/equipment-service.ts";
import { incidentRelease } from "../../server/custody/incident-kind.ts";
import { OrdersService } from "../../server/custody/orders-service.ts";
import { PhotoFiles } from "../../server/custody/photo-files.ts";
import { StoresService } from "../../server/custody/stores-service.ts";
import type { LedgerAppender, LedgerEntry } from "../../server/ledger/ledger-entry.ts";
import { ledgerMigrations } from "../../server/ledger/ledger-migrations.ts";
import { LedgerService } from "../../server/ledger/ledger-service.ts";
import type { Actor } from "../../server/platform/actor.ts";
import type { AnyTransaction } from "../../server/platform/database/database.ts";
import { silentLogger } from "../../server/platform/logger.ts";
import { actorWith, recordedActs } from "./actors.ts";
import { testDatabase } from "./postgres.ts";
import { settableClock } from "./small-world.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export const T0 = Date.parse("2026-11-26T08:00:00Z");
const DAY = 86_400_000;
const worker = (id: string, more: readonly Permission[] = []): Actor =>
	actorWith(["media.read", "media.handle", ...more], { id, username: id, name: `Name of ${id}` });
export const STAFF = {
	ada: worker("ada"),
	/** Another account of the same person. */
	"ada+2": worker("ada+2", ["media.approve"]),
	bo: worker("bo"),
	cy: worker("cy", ["media.release"]),
	custodian: worker("custodian", ["media.manage", "media.release"]),
	manager: worker("manager", ["media.approve"]),
};
export const DESTINATION = { kind: "recycling", organisation: "Green Metals" } as const;

export type Told = { act: StepInput["act"] } & Record<string, unknown>;
export type CustodyWorld = Awaited<ReturnType<typeof custodyWorld>>;

/** Remove it with `end`. */
export async function custodyWorld() {
	const directory = await temporaryDirectory("custody");
	const { database, drop } = await testDatabase({ ...ledgerMigrations, ...custodyMigrations });
	const clock = settableClock(T0);
	const acts = recordedActs();
	const log = new LedgerService({ database, keyFile: `${directory.path}/ledger-key`, site: () => "s", clock, logger: silentLogger() });
	await log.start();
	const entries: LedgerEntry[] = [];
	const ledger: LedgerAppender & Pick<LedgerService, "bundle"> = {
		append: async (transaction, entry) => {
			entries.push(entry);
			return await log.append(transaction, entry);
		},
		bundle: (indexes) => log.bundle(indexes),
	};
	/** Where approvals stand in the ledger. */
	const approved = new Map<string, number>();
	const gone = new Set<string>();
	/** Accounts of which nobody has said whose they are. */
	const unlinked = new Set<string>();
	/** Accounts that the doors don't know. */
	const unseen = new Set<string>();
	const common = {
		database,
		clock,
		audit: acts.audit,
		ledger,
		rooms: () => ["hall", "dock"],
		people: async (ids: readonly string[], transaction?: AnyTransaction) => {
			// As the real ones do: who is asked within a transaction takes no second connection.
			await sql`SELECT 1`.execute(transaction ?? database.tables());
			return new Map(ids.map((id) => [id, { id, username: id, name: `Name of ${id}` }]));
		},
		mayHandle: async (_: unknown, account: string) => account in STAFF && !gone.has(account),
	};
	const photos = new PhotoFiles({ database, directory: directory.path, clock, logger: silentLogger() });
	const equipment = new EquipmentService(common);
	const samePerson = (one: string, other: string) => one.split("+")[0] === other.split("+")[0];
	const custody = new CustodyService({
		...common,
		samePerson,
		personOf: (account) => (unlinked.has(account) ? null : (account.split("+")[0] ?? null)),
		timeZone: () => "UTC",
		seen: async (transaction, account) => {
			await sql`SELECT 1`.execute(transaction);
			return !unseen.has(account);
		},
		equipment,
		stores: { roomOf: (transaction, id) => stores.roomOf(transaction, id) },
		photos,
		certify: (...asked) => certificates.certify(...asked),
	});
	const certificates = new CertificatesService({
		...common,
		rooms: () => [
			{ id: "hall", name: "Data hall 甲" },
			{ id: "dock", name: "Loading dock" },
		],
		roles: async (_, accounts) => new Map(accounts.map((account) => [account, [{ role: "media-custodian" }]])),
		photos,
		approvals: { ledgerIndexOf: async (change) => approved.get(change) ?? null },
		site: () => "s",
		address: "https://watchroom.example",
	});
	const stores = new StoresService({ ...common, custody, doors: () => ["hall-door"] });
	const orders = new OrdersService({ ...common, custody, certifyBatch: (...asked) => certificates.certifyBatch(...asked) });
	const release = incidentRelease({
		site: () => "s",
		mayHandle: common.mayHandle,
		samePerson,
		hasStore: async (transaction, id) => (await stores.roomOf(transaction, id)) !== undefined,
	});
	const order: BatchInput = {
		title: "Hall refresh",
		place: "dock",
		plannedFor: "2026-11-26",
		people: ["ada", "bo"],
		destination: DESTINATION,
		assets: [],
	};
	const machine = async (kind: EquipmentInput["kind"], more: Partial<EquipmentInput> = {}) => {
		const { id } = await equipment.add(
			{
				name: `${kind} ${randomUUID()}`,
				maker: "Acme",
				model: "X",
				serial: randomUUID(),
				kind,
				fieldOe: kind === "degausser" ? 9000 : null,
				particleMm: ["shredder", "disintegrator", "grinder"].includes(kind) ? 2 : null,
				version: kind === "eraser" ? "1.0" : null,
				...more,
			},
			STAFF.custodian,
		);
		const record = { at: iso(clock.now() - DAY), validUntil: iso(clock.now() + 30 * DAY), passed: true, by: "Lab", reference: "R-1" };
		for (const proof of ["test", "calibration"] as const) await equipment.addRecord(id, { kind: proof, ...record }, STAFF.custodian);
		return id;
	};
	const self = {
		...common,
		entries,
		log,
		certificates,
		lines: acts.lines,
		gone,
		unseen,
		unlinked,
		clock,
		custody,
		stores,
		orders,
		equipment,
		photos,
		photoFolder: directory.path,
		machine,
		async order(more: Partial<BatchInput> = {}): Promise<string> {
			return (await orders.open({ ...order, ...more }, STAFF.custodian)).id;
		},
		async medium(batch: string, more: Partial<MediumInput> = {}): Promise<MediumView> {
			const serial = `SN-${randomUUID().slice(0, 8)}`;
			const plain = { capacityBytes: null, coercivityOe: null, damaged: false, property: null, source: null, why: "end of life" };
			return await orders.register(
				{ serial, maker: "Western Digital", model: "Gold", type: "hdd", classification: "low", ...plain, batch, ...more },
				STAFF.custodian,
			);
		},
		/** A step now, as the pages would tell it; the clock goes on by a second. */
		async step(id: string, told: Told, by: Actor = STAFF.ada): Promise<MediumView> {
			clock.time += 1000;
			return await custody.step(id, await self.told(id, told), by);
		},
		async told(id: string, told: Told): Promise<StepInput> {
			const { serial, seal, steps } = await custody.get(id, STAFF.ada);
			const usual: Record<string, unknown> = {
				remove: { serial, serialAgain: serial, serialFrom: "drive-label", newSeal: null },
				verify: { result: "pass", how: "instrument", newSeal: null },
				release: { destination: DESTINATION },
			};
			return {
				id: randomUUID(),
				after: steps,
				at: iso(clock.now()),
				queued: false,
				place: "dock",
				seal: seal === null ? null : { number: seal, intact: true },
				photos: [],
				note: null,
				...("equipment" in told && { technique: null, newSeal: null }),
				...(usual[told.act] as object | undefined),
				...told,
			} as StepInput;
		},
		/** Two people end an incident. */
		async endIncident(incident: string, outcome: IncidentOutcome, approver: Actor = STAFF.manager): Promise<void> {
			const proposal = { kind: "media-incident" as const, incident, outcome, reason: "looked into" };
			await database.transaction(async (transaction) => {
				await release.describe(transaction, proposal, { id: STAFF.custodian.id });
				const [id, now] = [randomUUID(), clock.now()];
				for (const entry of await release.apply(transaction, { id, proposal, proposer: STAFF.custodian, approver, now }))
					await ledger.append(transaction, entry);
				approved.set(id, await ledger.append(transaction, { type: "change.approved", version: 1, at: now, data: { change: id } }));
			});
		},
		async end(): Promise<void> {
			await log.stop();
			await drop();
			await directory.remove();
		},
	};
	return self;
}

export const iso = (ms: number) => new Date(ms).toISOString();
