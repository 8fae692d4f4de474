/** Done when 7: recorded temperatures (Numenta Anomaly Benchmark) through the whole system. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Alarm } from "../../../contracts/api.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

/** Not part of the repository, see its README: hourly temperatures in °F with gaps of up to 174 hours and two system failures. */
const RECORDING = resolve("../shared/data/nab/ambient_temperature_system_failure.csv");
const available = existsSync(RECORDING);
if (!available) console.warn(`Skipped: there is no recording at ${RECORDING}`);
const ROWS = 7267;

interface Row {
	ts: string;
	value: number;
}
interface Transition {
	rule: string;
	kind: string;
	at: string;
	late: boolean;
}

let running: System;
let from = 0;
beforeAll(async () => {
	if (!available) return;
	running = await system({ site: fixture("replay.yaml") });
	await running.startServer();
	await running.startAgent();
	from = Date.now() - 1000;
});
afterAll(() => running?.stop());

const rowsOf = async (point: string) =>
	(await running.get<{ rows: Row[] }>(`/api/v1/points/${point}/history?from=${from}&to=${Date.now() + 60_000}&step=raw&limit=50000`)).rows;
const transitionsOf = async (point: string, rule: string) =>
	(await running.items<Transition>(`/api/v1/points/${point}/alarm-transitions?from=${from}&to=${Date.now() + 60_000}&limit=500`)).filter(
		(one) => one.rule === rule,
	);

/** What a limit rule must say of these rows: `[kind, time]`, oldest first. */
function excursions(rows: readonly Row[], beyond: (value: number) => number, deadband: number): [string, string][] {
	const found: [string, string][] = [];
	let active = false;
	for (const { ts, value } of rows) {
		const next: boolean = active ? beyond(value) > -deadband : beyond(value) > 0;
		if (next !== active) found.push([next ? "raised" : "returned", ts]);
		active = next;
	}
	return found;
}

describe.skipIf(!available)("the recorded temperatures of a failing system", () => {
	test("all of it, an hour in a millisecond: each excursion is one occurrence at its own time", { timeout: 180_000 }, async () => {
		const replay = running.simulate("replay", "--file", RECORDING, "--point", "office:temperature", "--fahrenheit", "--speed", "3600000");
		await replay.says(new RegExp(`"acknowledged":${ROWS}`), 60_000);
		const rows = await waitFor(
			"all rows stored",
			async () => {
				const found = await rowsOf("office:temperature");
				return found.length >= ROWS ? found : null;
			},
			30_000,
			200,
		);
		expect(rows).toHaveLength(ROWS);
		for (const [rule, beyond] of [
			["too-hot", (value: number) => value - 27],
			["too-cold", (value: number) => 16 - value],
		] as const) {
			const expected = excursions(rows, beyond, 0.5);
			expect(expected.length).toBeGreaterThan(5);
			// Alarms take readings beside the history, not before it.
			const transitions = await waitFor(`the transitions of ${rule}`, async () => {
				const found = await transitionsOf("office:temperature", rule);
				return found.length >= expected.length && found;
			});
			expect(transitions.map(({ kind, at }) => [kind, at])).toEqual(expected);
			const alarms = await running.items<Alarm>(`/api/v1/alarms?point=office:temperature&rule=${rule}`);
			expect(alarms, "one alarm however often it comes").toHaveLength(1);
			expect(alarms[0]?.occurrences).toBe(expected.filter(([kind]) => kind === "raised").length);
		}
	});

	test("around the longest gap, an hour in 40 ms: silence is an alarm, and ends with the next reading", { timeout: 180_000 }, async () => {
		const file = ["--file", RECORDING, "--point", "store:temperature", "--fahrenheit"];
		// The gap of 174 hours (7 s here: time enough to look at it also on a busy machine) begins 33 hours later; the failure of 13 April follows it.
		const replay = running.simulate("replay", ...file, "--from", "2014-04-02T00:00:00Z", "--speed", "90000");
		const silent = async () => (await running.items<Alarm>("/api/v1/alarms?rule=silent&active=true"))[0];
		const begun = async () => (await running.get<{ value: unknown }>("/api/v1/points/store:temperature")).value !== null;
		await waitFor("the recording to begin", async () => (await begun()) && !(await silent()), 30_000);
		// Silent after 2 s, stale after three intervals, a tenth of a second later.
		const gapSeen = async () => {
			const alarm = await silent();
			const point = await running.get<{ quality: string }>("/api/v1/points/store:temperature");
			return alarm && point.quality === "stale" ? alarm : null;
		};
		const alarm = await waitFor("the no-data alarm, and that what is shown is not taken for live", gapSeen, 30_000, 100);
		expect(alarm).toMatchObject({ point: "store:temperature", state: "unacknowledged", priority: "high" });
		const cold = "/api/v1/alarms?point=store:temperature&rule=too-cold";
		await waitFor("the cold of the failure", async () => (await running.items<Alarm>(cold))[0], 30_000, 100);
		await replay.stop();
		const gapOf = (found: readonly Row[]) => found.findIndex((row, index) => Date.parse(row.ts) - Date.parse(found[index - 1]?.ts ?? row.ts) > 6500);
		const rows = await waitFor("the readings around the gap stored", async () => {
			const found = await rowsOf("store:temperature");
			return gapOf(found) > 0 && found;
		});
		const gap = gapOf(rows);
		const [before, after] = [Date.parse(rows[gap - 1]?.ts ?? ""), Date.parse(rows[gap]?.ts ?? "")];
		expect(after - before).toBe(174 * 40);
		// Since the replay has ended it is silent again: the gap's are those up to the first reading after it.
		const since = (await transitionsOf("store:temperature", "silent")).filter(({ at }) => Date.parse(at) > before);
		const ofTheGap = since.slice(0, since.findIndex(({ kind }) => kind === "returned") + 1);
		expect(ofTheGap.map(({ kind }) => kind)).toEqual(["raised", "returned"]);
		const [raised = 0, returned = 0] = ofTheGap.map(({ at }) => Date.parse(at));
		expect(raised).toBeGreaterThanOrEqual(before + 2000);
		expect(raised).toBeLessThan(after);
		expect(returned).toBeGreaterThanOrEqual(after);
	});
});
