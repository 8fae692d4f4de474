import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlarmEffect } from "../../../server/alarms/alarm-effect.ts";
import { AlarmEngine } from "../../../server/alarms/alarm-engine.ts";
import { stateOf } from "../../../server/alarms/alarm-life-cycle.ts";
import { AlarmStore } from "../../../server/alarms/alarm-store.ts";
import { alarmsMigrations } from "../../../server/alarms/alarms-migrations.ts";
import { type RecordedAct, recordActs } from "../../../server/alarms/operator-act.ts";
import type { AnyTransaction } from "../../../server/platform/database/database.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { smallSite, worldOf } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const rule = { id: "hot", name: "Hot", kind: "limit", level: "high", limit: 32, on: { pointKind: "temperature" }, priority: "high" };
const actor = actorWith(["alarms.acknowledge"]);

let db: TestDatabase;
let acknowledged: AlarmEffect[];
let record: (transaction: AnyTransaction, acts: readonly RecordedAct[]) => Promise<void>;
let store: AlarmStore;
beforeEach(async () => {
	db = await testDatabase(alarmsMigrations);
	store = new AlarmStore(db.database, (transaction, acts) => record(transaction, acts));
	const engine = new AlarmEngine(randomUUID);
	engine.load([], [], worldOf({ ...smallSite(), rules: [rule] }), T0);
	const raised = engine.evaluate([{ point: "t1:temperature", ts: T0, receivedAt: T0, value: 40, quality: "good" }], T0);
	await store.commit(raised);
	const [alarm] = engine.alarms.open();
	const effects = engine.act(alarm?.id ?? "", { kind: "acknowledged", by: actor.username, comment: "on it" }, T0 + 1);
	if (typeof effects === "string") throw new Error(effects);
	acknowledged = effects.map((effect) => (effect.type === "transition" ? { ...effect, actor } : effect));
});
afterEach(() => db.drop());

const states = async () => (await store.list({}, null, 10)).map((alarm) => [stateOf(alarm), alarm.acknowledgedBy]);

test("an acknowledgement that can't be audited is not recorded either", async () => {
	record = async () => {
		throw new Error("the audit log is down");
	};
	await expect(store.commit(acknowledged)).rejects.toThrow("the audit log is down");
	expect(await states()).toEqual([["unacknowledged", null]]);
});

test("what is written beside it shares its transaction", async () => {
	await sql`create table beside (act text)`.execute(db.database.tables());
	const beside = async () => (await sql<{ act: string }>`select act from beside`.execute(db.database.tables())).rows;
	const write = async (transaction: AnyTransaction) => void (await sql`insert into beside values ('acknowledged')`.execute(transaction));
	record = async (transaction) => {
		await write(transaction);
		throw new Error("killed in the middle");
	};
	await expect(store.commit(acknowledged)).rejects.toThrow("killed in the middle");
	expect([await beside(), await states()]).toEqual([[], [["unacknowledged", null]]]);
	record = write;
	await store.commit(acknowledged);
	expect([await beside(), await states()]).toEqual([[{ act: "acknowledged" }], [["acknowledged", "ann"]]]);
});

test("committed again after an answer that was lost, it leaves one audit line and one ledger entry", async () => {
	const acts = recordedActs();
	record = (transaction, done) => recordActs(acts, transaction, done);
	await store.commit(acknowledged);
	await store.commit(acknowledged);
	expect([acts.lines.length, acts.entries.length]).toEqual([1, 1]);
	expect(acts.entries[0]).toMatchObject({ type: "alarm.acknowledged", version: 1, at: T0 + 1, data: { account: actor.id, occurrence: 1 } });
	expect(JSON.stringify(acts.entries)).not.toMatch(/ann|on it/);
});
