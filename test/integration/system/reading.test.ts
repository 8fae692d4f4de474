/** Done when 2: what a plain MQTT client says is seen at once, kept, and raises its alarm, whichever stores and brokers are used. */
import { afterEach, describe, expect, test } from "vitest";
import type { AccessEventView, Alarm, DoorEventView, Point } from "../../../contracts/api.ts";
import { influxAvailable, startInflux } from "../../helpers/influx.ts";
import { liveClient } from "../../helpers/live-client.ts";
import { hasMosquitto, startMosquitto } from "../../helpers/mosquitto.ts";
import { plainDevice } from "../../helpers/plain-device.ts";
import { testDatabase } from "../../helpers/postgres.ts";
import { fixture, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const POINT = "thermo:temperature";
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** What stands in for an embedded part: the environment for all processes, and the port that devices talk to. */
interface Outside {
	env: Record<string, string>;
	devicePort?: number;
}
const influx = async (): Promise<Outside> => {
	const server = await startInflux();
	cleanUps.push(() => server.remove());
	return { env: { INFLUX_URL: server.url("system") } };
};
const mosquittoFor = (variable: "DEVICE_BROKER_URL" | "UPLINK_URL") => async (): Promise<Outside> => {
	const broker = await startMosquitto();
	cleanUps.push(() => broker.stop());
	return { env: { [variable]: broker.url }, ...(variable === "DEVICE_BROKER_URL" ? { devicePort: broker.port } : {}) };
};

const PARTS: [what: string, available: boolean, outside: (() => Promise<Outside>)[]][] = [
	["everything embedded", true, []],
	["InfluxDB for the history", influxAvailable, [influx]],
	["Mosquitto for the devices", hasMosquitto, [mosquittoFor("DEVICE_BROKER_URL")]],
	["Mosquitto for the uplink", hasMosquitto, [mosquittoFor("UPLINK_URL")]],
	[
		"InfluxDB, PostgreSQL and two Mosquittos",
		influxAvailable && hasMosquitto,
		[
			influx,
			mosquittoFor("DEVICE_BROKER_URL"),
			mosquittoFor("UPLINK_URL"),
			async () => {
				const database = await testDatabase();
				cleanUps.push(() => database.drop());
				return { env: { DATABASE_URL: database.url } };
			},
		],
	],
];

for (const [what, available, outside] of PARTS)
	describe.skipIf(!available)(`with ${what}`, () => {
		test("a reading is live, kept and raises its alarm; events carry names", { timeout: 240_000 }, async () => {
			const parts: Outside[] = [];
			for (const start of outside) parts.push(await start());
			const running = await system({ site: fixture("system.yaml"), env: Object.assign({}, ...parts.map((part) => part.env)) });
			cleanUps.push(() => running.stop());
			await running.startServer();
			await running.startAgent();
			const devicePort = parts.find((part) => part.devicePort !== undefined)?.devicePort ?? running.devicePort;
			const live = await liveClient(running, "system");
			const thermo = await plainDevice(devicePort, "thermo");
			const panel = await plainDevice(devicePort, "panel");
			const door = await plainDevice(devicePort, "door-1");
			cleanUps.push(
				() => live.stop(),
				() => thermo.stop(),
				() => panel.stop(),
				() => door.stop(),
			);

			// Live, with and without a time of its own
			const from = Date.now() - 1000;
			const sent = Date.now();
			await thermo.say("temperature", { ts: sent, value: 21.5 });
			await waitFor("the reading at a dashboard", () => live.readings.some(([point, value]) => point === POINT && value === 21.5));
			const point = await running.get<Point>(`/api/v1/points/${POINT}`);
			expect(point).toMatchObject({ value: 21.5, quality: "good", ts: new Date(sent).toISOString(), unit: "°C", location: "system/hall" });
			expect((await running.items<Point>("/api/v1/points?device=thermo"))[0]).toEqual(point);
			await panel.say("recording", { value: true });
			await panel.say("state", { value: "running" });
			await waitFor(
				"a boolean and a state at a dashboard",
				() =>
					live.readings.some(([id, value]) => id === "panel:recording" && value === true) &&
					live.readings.some(([id, value]) => id === "panel:state" && value === "running"),
			);

			// An alarm that comes, is acknowledged and returns
			await thermo.say("temperature", { ts: sent + 1, value: 60 });
			const raised = await waitFor("the alarm at a dashboard", () => live.alarms.find((alarm) => alarm.rule === "too-hot"));
			expect(raised).toMatchObject({ state: "unacknowledged", active: true, acknowledged: false, point: POINT, value: 60, priority: "high" });
			expect(raised.raisedAt).toBe(new Date(sent + 1).toISOString());
			expect(await running.items<Alarm>(`/api/v1/alarms?active=true&acknowledged=false&point=${POINT}`)).toEqual([raised]);
			const acknowledged = await running.post<Alarm>(`/api/v1/alarms/${raised.id}/acknowledge`, { comment: "fan replaced" });
			expect(acknowledged.status).toBe(200);
			expect(acknowledged.body).toMatchObject({ state: "acknowledged", acknowledgedBy: "facility-manager", comment: "fan replaced" });
			await thermo.say("temperature", [
				{ ts: sent + 2, value: 49 }, // within the deadband: still on
				{ ts: sent + 3, value: 20 },
			]);
			await waitFor("the alarm's return at a dashboard", () => live.alarms.find((alarm) => alarm.rule === "too-hot" && alarm.state === "normal"));
			expect(await running.get<Alarm>(`/api/v1/alarms/${raised.id}`)).toMatchObject({ active: false, clearedAt: new Date(sent + 3).toISOString() });

			// Kept
			const query = `from=${new Date(from).toISOString()}&step=raw&to=${new Date(Date.now() + 60_000).toISOString()}`;
			const rows = await waitFor("four rows in the history", async () => {
				const answer = await running.get<{ rows: { ts: string; value: number }[] }>(`/api/v1/points/${POINT}/history?${query}`);
				return answer.rows.length >= 4 ? answer.rows : null;
			});
			expect(rows.map(({ ts, value }) => [Date.parse(ts) - sent, value])).toEqual([
				[0, 21.5],
				[1, 60],
				[2, 49],
				[3, 20],
			]);

			// Events
			const card = { format: "H10301", facility: 12, number: 3456 };
			const badge = { door: "main", direction: "in", method: "card", card, fingerprint: null, result: "granted", reason: "granted" };
			await door.say("access", { ts: Date.now(), seq: 1, ...badge });
			await door.say("door", { ts: Date.now(), seq: 2, door: "main", state: "forced" });
			await waitFor("the access event at a dashboard", () => live.access.find((event) => event.seq === 1 && event.holder?.name === "Ada Byron"));
			await waitFor("the door event at a dashboard", () => live.doors.find((event) => event.seq === 2 && event.state === "forced"));
			await waitFor("the door's alarm", () => live.alarms.find((alarm) => alarm.rule === "forced" && alarm.point === "door-1:main"));
			expect(await running.items<AccessEventView>("/api/v1/access/events")).toHaveLength(1);
			expect(await running.items<DoorEventView>("/api/v1/access/door-events")).toHaveLength(1);

			// A device that says that it goes, and speaks again
			const state = () => running.get<Point>("/api/v1/points/panel:state");
			expect(await state()).toMatchObject({ value: "running", quality: "good" });
			await panel.say("status", "offline");
			await waitFor(
				"its points stale at a dashboard",
				() => live.readings.some(([id, , quality]) => id === "panel:state" && quality === "stale"),
				5_000,
			);
			expect(await state()).toMatchObject({ value: "running", quality: "stale" });
			await panel.say("state", { value: "running" });
			await waitFor("the state again", async () => (await state()).quality === "good");
			expect(live.misfits).toEqual([]);
		});
	});
