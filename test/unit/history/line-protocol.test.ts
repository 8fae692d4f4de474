import { expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { parseInfluxUrl } from "../../../server/history/influx-url.ts";
import { bucketLine, linePrefix, readingLine } from "../../../server/history/line-protocol.ts";
import { codeOf, decodeCode } from "../../../server/history/value-code.ts";

const reading = (value: Reading["value"], more: Partial<Reading> = {}): Reading => ({
	point: "t1:temperature",
	ts: 5000,
	receivedAt: 5010,
	value,
	quality: "good",
	...more,
});
const prefix = linePrefix("reading", "t1:temperature");

test.each([
	["a plain reading is its value alone", reading(23.41), false, "value=23.41 5000"],
	["a whole number is a float too", reading(23), false, "value=23 5000"],
	["a boolean", reading(true), false, "flag=true 5000"],
	["a state is quoted", reading('a "b" \\ c'), false, 'state="a \\"b\\" \\\\ c" 5000'],
	["quality and delay stand beside what isn't good", reading(1, { quality: "uncertain" }), false, "value=1,quality=1i,delay=10i 5000"],
	["and beside what came late", reading(1, { receivedAt: 65_000 }), false, "value=1,quality=0i,delay=60000i 5000"],
	["and always where something may have to be replaced", reading("open", { quality: "bad" }), true, 'state="open",quality=22i,delay=10i 5000'],
])("%s", (_, one, whole, line) => expect(readingLine(prefix, one, whole)).toBe(`reading,point=t1:temperature ${line}\n`));

test("a bucket without numbers has no min, max and mean", () => {
	const bucket = { ts: 60_000, min: 1, max: 3, sum: 4, n: 2, count: 3, last: "open" };
	expect(bucketLine("m ", bucket)).toBe('m min=1,max=3,mean=2,sum=4,n=2i,count=3i,kind=20i,state="open" 60000\n');
	expect(bucketLine("m ", { ...bucket, n: 0 })).toBe('m n=0i,count=3i,kind=20i,state="open" 60000\n');
});

test("a point's name can't end the tag", () => expect(linePrefix("m", "a,b=c d")).toBe("m,point=a\\,b\\=c\\ d "));

test("value codes come back as they went", () => {
	for (const value of [1, true, "open"])
		for (const quality of ["good", "uncertain", "bad"] as const) expect(decodeCode(codeOf(value, quality))).toEqual({ type: typeof value, quality });
	expect(() => decodeCode(33)).toThrow(RangeError);
});

test("INFLUX_URL is taken apart, and what is wrong is said without the password", () => {
	expect(parseInfluxUrl("http://me:p%40ss@db.example:9999/watch")).toEqual({
		protocol: "http",
		host: "db.example",
		port: 9999,
		path: "",
		database: "watch",
		username: "me",
		password: "p@ss",
	});
	expect(parseInfluxUrl("https://db/influx/watch")).toMatchObject({ port: 443, path: "/influx", database: "watch" });
	for (const wrong of ["http://me:secret@db:8086", "mqtt://me:secret@db/x", "secret"])
		expect(() => parseInfluxUrl(wrong)).toThrow(/^((?!secret).)*$/);
});
