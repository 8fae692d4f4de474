import { expect, test } from "vitest";
import { csvFields, recordedTime, toCelsius } from "../../../simulators/replay/csv.ts";
import { checkReplayPoint, replayTime } from "../../../simulators/replay/replay.ts";
import { demoWorld } from "./demo-site.ts";

test.each([
	["a,b", ["a", "b"]],
	["", [""]],
	["a,,c", ["a", "", "c"]],
	['"a,b","say ""hi""",c', ["a,b", 'say "hi"', "c"]],
])("the line %j has the fields %j", (line, fields) => {
	expect(csvFields(line)).toEqual(fields);
});

test.each([
	["2013-07-04 00:00:00", Date.UTC(2013, 6, 4)],
	["2013-07-04T00:00:00Z", Date.UTC(2013, 6, 4)],
	["2013-07-04T02:00:00.5+02:00", Date.UTC(2013, 6, 4) + 500],
	["2013-07-04", Date.UTC(2013, 6, 4)],
	["1372896000", Date.UTC(2013, 6, 4)],
	["1372896000000", Date.UTC(2013, 6, 4)],
	["yesterday", null],
	["2013-13-40", null],
	["", null],
])("the recorded time %j is %j", (text, time) => {
	expect(recordedTime(text)).toBe(time);
});

test("°F become °C", () => {
	expect([32, 212, 70].map(toCelsius)).toEqual([0, 100, 21.11]);
});

test("a replay begins now and divides the gaps by the speed; kept times stay", () => {
	const row = { ts: 7_200_000, value: 1 };
	expect(replayTime(row, 0, 1000, 3600, false)).toEqual({ due: 3000, ts: 3000 });
	expect(replayTime(row, 0, 1000, 3600, true)).toEqual({ due: 3000, ts: 7_200_000 });
});

test.each([
	["inlet", /^--point: expected device:point, got inlet$/],
	["nobody:inlet", /^--point: nobody:inlet is not a point of demo\.yaml .*expected device:point such as /],
	["A01-climate:nothing", /expected device:point such as A01-climate:/],
])("a replay to %s is refused with what was expected", (point, message) => {
	expect(() => checkReplayPoint(point, demoWorld(), "demo.yaml")).toThrow(message);
});

test("a replay goes to a point of the site", () => checkReplayPoint("A01-climate:inlet", demoWorld(), "demo.yaml"));
