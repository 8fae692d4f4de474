import { expect, test } from "vitest";
import { csvHeader, csvRows } from "../../../server/history/history-csv.ts";

test("raw rows", () => {
	expect(csvHeader("raw")).toBe("ts,value,quality\r\n");
	const rows = [23.5, true, 'on, "really"', "=SUM(A1)", -4].map((value, ts) => ({ ts, value, quality: "good" as const }));
	expect(csvRows({ step: "raw", truncated: false, rows })).toBe(
		[
			"1970-01-01T00:00:00.000Z,23.5,good",
			"1970-01-01T00:00:00.001Z,true,good",
			'1970-01-01T00:00:00.002Z,"on, ""really""",good',
			"1970-01-01T00:00:00.003Z,'=SUM(A1),good",
			"1970-01-01T00:00:00.004Z,-4,good",
			"",
		].join("\r\n"),
	);
});

test("rollup rows leave empty what isn't there", () => {
	expect(csvHeader("1m")).toBe("ts,min,max,mean,last,count\r\n");
	const row = { ts: 0, min: null, max: null, mean: null, last: "open", count: 2 };
	expect(csvRows({ step: "1m", truncated: false, rows: [row] })).toBe("1970-01-01T00:00:00.000Z,,,,open,2\r\n");
});
