/** What an agent remembers and asks of Sparkplug edge nodes (EDG-8). */
import { describe, expect, test } from "vitest";
import { type SentMetric, sparkplugPayload } from "../../../../edge-agent/devices/profiles/sparkplug.samples.ts";
import { sparkplug } from "../../../../edge-agent/devices/profiles/sparkplug.ts";
import { DATATYPE, readPayload } from "../../../../edge-agent/devices/profiles/sparkplug-payload.ts";
import { type Listener, listener, RECEIVED } from "../../../helpers/dialects.ts";

const metric = (rest: Partial<SentMetric> = {}): SentMetric => ({ name: "Temperature", alias: 1, type: DATATYPE.Double, value: 20, ...rest });
const born = (): Listener => {
	const made = listener(sparkplug);
	made.hear("spBv1.0/g/NBIRTH/e", sparkplugPayload([metric()], 0));
	return made;
};
const data = (made: Listener, seq: number, rest: Partial<SentMetric> = {}, at = RECEIVED) =>
	made.hear("spBv1.0/g/NDATA/e", sparkplugPayload([{ alias: 1, value: 21, ...rest }], seq), at)?.[0]?.readings[0];

describe("quality", () => {
	test("is uncertain after a gap until the next birth", () => {
		const made = born();
		expect([data(made, 1)?.quality, data(made, 4)?.quality, data(made, 5)?.quality]).toEqual([null, "uncertain", "uncertain"]);
		made.hear("spBv1.0/g/NBIRTH/e", sparkplugPayload([metric()], 0));
		expect(data(made, 1)?.quality).toBeNull();
	});

	test("is what the metric's property says: 192 good, 500 stale, 0 bad", () => {
		const made = born();
		expect([192, 500, 0].map((quality, index) => data(made, index + 1, { quality })?.quality)).toEqual(["good", "uncertain", "bad"]);
	});
});

test("a message that comes twice is no gap", () => {
	const made = born();
	expect([data(made, 1)?.quality, data(made, 1)?.quality, data(made, 2)?.quality]).toEqual([null, null, null]);
	expect(made.sent).toEqual([]);
});

test("a birth with other aliases replaces all of them", () => {
	const made = born();
	made.hear("spBv1.0/g/NBIRTH/e", sparkplugPayload([metric({ name: "Humidity", alias: 1 }), metric({ alias: 2 })], 0));
	expect([data(made, 1)?.channel, data(made, 2, { alias: 2 })?.channel]).toEqual(["Humidity", "Temperature"]);
});

test("a node is asked for its births at most every 10 s, and anew as long as they don't come", () => {
	const made = listener(sparkplug);
	for (let second = 0; second < 25; second++) data(made, second, {}, RECEIVED + second * 1_000);
	expect(made.sent.map(({ topic }) => topic)).toEqual(Array.from({ length: 3 }, () => "spBv1.0/g/NCMD/e"));
	expect(readPayload(made.sent[0]?.payload ?? Buffer.alloc(0))).toMatchObject({
		timestamp: RECEIVED,
		metrics: [{ name: "Node Control/Rebirth", datatype: DATATYPE.Boolean, boolean: true }],
	});
});

test("whoever invents ever new nodes, devices and metrics is neither remembered nor answered without end", () => {
	const made = listener(sparkplug);
	const many = sparkplugPayload(
		Array.from({ length: 100 }, (_, index) => metric({ name: `m${index}`, alias: index })),
		0,
	);
	for (let node = 0; node < 2_100; node++) made.hear(`spBv1.0/g/NBIRTH/n${node}`, many);
	for (let node = 0; node < 2_100; node++) made.hear(`spBv1.0/g/NDATA/m${node}`, sparkplugPayload([{ alias: 1, value: 1 }], 0));
	for (let device = 0; device < 1_100; device++) made.hear(`spBv1.0/g/DBIRTH/e/d${device}`, sparkplugPayload([metric()], device & 255));
	expect(made.sent.length).toBeLessThanOrEqual(200);
	// A node that is heard of now has room all the same.
	made.hear("spBv1.0/g/NBIRTH/e", sparkplugPayload([metric()], 0));
	expect(data(made, 1)?.value).toBe(21);
});

test("a payload cut off anywhere gives no value that isn't in the whole", () => {
	const whole = sparkplugPayload([metric(), metric({ name: "b", alias: 2, type: DATATYPE.Int32, value: undefined as never, int: 300 })], 7);
	const hear = (payload: Buffer) => listener(sparkplug).hear("spBv1.0/g/NBIRTH/e", payload)?.[0];
	const said = new Map(hear(whole)?.readings.map(({ channel, value }) => [channel, value]));
	for (let length = 0; length < whole.length; length++) {
		const part = hear(whole.subarray(0, length));
		for (const { channel, value } of part?.readings ?? []) expect([channel, value]).toEqual([channel, said.get(channel)]);
	}
});
