import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Alarm, SiteView } from "../../../contracts/api.ts";
import { wordsOfFinding } from "../../../dashboard/src/features/access/finding-words.ts";
import { alarmsByPlace } from "../../../dashboard/src/features/overview/plan-alarms.ts";
import { alarmOfFinding, doorOfAlarm } from "../../../dashboard/src/live/door-alarms.ts";

describe("what a finding is about", () => {
	test.each([
		["Denied: denied-no-rights", "denied", { reason: "denied-no-rights" }],
		["A card reported stolen was shown: granted", "lostShown", { state: "stolen", result: "granted" }],
		["The badge of somebody who has left was used: denied", "leftUsed", { result: "denied" }],
		["A suspended badge was used: denied", "endedUsed", { state: "suspended", result: "denied" }],
		["A badge whose access was taken away was used: denied", "takenUsed", { result: "denied" }],
		["The controller denied (denied-other), our records say granted", "deniedAgainst", { reason: "denied-other" }],
		["Dock: in again without having gone out", "inAgain", { door: "Dock" }],
		["Dock: out without having come in; uncertain: events of its doors are missing", "outUnseenUncertain", { door: "Dock" }],
		["12 m from Dock to Front door in 1 s", "travel", { metres: "12", door: "Dock", other: "Front door", seconds: "1" }],
		["A visitor passed Dock without the escort", "escortElsewhere", { door: "Dock" }],
		["Dock opened while Lock A, Lock B was open", "interlockOpen", { door: "Dock", other: "Lock A, Lock B" }],
	] as const)("%s", (detail, word, values) => expect(wordsOfFinding(detail)).toEqual({ word, values }));

	test("every sentence of the server's rules is known", () => {
		const rules = readFileSync("server/access/monitor/rules.ts", "utf8");
		const sentences = [...rules.matchAll(/(?:found|stated)\(\s*"[a-z-]+",\s*(?:`([^`]+)`|"([^"]+)")/g)]
			.map((match) => match[1] ?? match[2] ?? "")
			// Of several words one stands for all; what begins with a variable that is a sentence of its own stands in the table above.
			.filter((sentence) => !/\$\{what\} was used/.test(sentence))
			.map((sentence) => sentence.replace(/\$\{escort [^}]*\}/, "the escort").replace(/\$\{state\}/, "lost"))
			.map((sentence) => sentence.replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, "3"));
		expect(sentences.length).toBeGreaterThan(15);
		expect(sentences.filter((sentence) => wordsOfFinding(sentence) === null)).toEqual([]);
	});

	test("a sentence that isn't known is left as it came", () => expect(wordsOfFinding("Something new")).toBeNull());
});

describe("alarms and doors", () => {
	const doors = [{ id: "dock", point: "c1:dock" }] as unknown as SiteView["doors"];
	const alarm = (rule: string, point: string) =>
		({ id: `${rule} ${point}`, rule, point, room: "hall", rack: null, priority: "high", raisedAt: "2026-11-26T10:00:00.000Z" }) as Alarm;
	test.each([
		["the state of a door", "door-forced", "c1:dock", "dock"],
		["what was found at a door", "access-guessing", "watchroom:dock", "dock"],
		["something else with the door's name", "agent-offline", "watchroom:dock", undefined],
		["another point", "high-temperature", "A01:inlet", undefined],
	] as const)("an alarm of %s", (_, rule, point, door) => expect(doorOfAlarm(alarm(rule, point), doors)).toBe(door));

	test("stand at the door on the plan", () =>
		expect([...alarmsByPlace([alarm("access-guessing", "watchroom:dock")], doors, new Set()).keys()]).toEqual(["door:dock"]));

	test("a finding leads to the alarm that was raised by it, and to no other", () => {
		const open = [alarm("access-guessing", "watchroom:dock")];
		expect(alarmOfFinding({ door: "dock", at: "2026-11-26T10:00:00Z" }, open, doors)).toBe(open[0]);
		expect(alarmOfFinding({ door: "dock", at: "2026-11-26T10:00:01Z" }, open, doors)).toBeUndefined();
		expect(alarmOfFinding({ door: null, at: "2026-11-26T10:00:00Z" }, [alarm("x", "A01:inlet")], doors)).toBeUndefined();
	});
});
