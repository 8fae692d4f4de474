import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { nativeReadingsSchema } from "../../../contracts/native-dialect.ts";
import { parseSite } from "../../../contracts/site-check.ts";
import { expandSite } from "../../../contracts/world.ts";
import { compareManifest, type Stored } from "../../../simulators/load/check.ts";
import { addHash, loadMilliValue, loadPoint, readingHash } from "../../../simulators/load/load-points.ts";
import { loadSiteYaml } from "../../../simulators/load/load-site.ts";
import type { Manifest } from "../../../simulators/load/manifest.ts";
import { createPacer } from "../../../simulators/load/pacer.ts";
import { payloadLength, publishHead, writePublish } from "../../../simulators/load/publish-packet.ts";

test("a packet written by hand is the PUBLISH that MQTT 3.1.1, 3.3 describes, with valid native readings", () => {
	const cases = [
		fc.integer({ min: 0, max: 1e5 }),
		fc.integer({ min: 1e12, max: 2e12 }),
		fc.integer({ min: 1, max: 300 }),
		fc.integer({ min: 1, max: 65_535 }),
	] as const;
	fc.assert(
		fc.property(...cases, (index, ts, count, packetId) => {
			const { device, point } = loadPoint(index);
			const topic = `watchroom/${device}/${point}`;
			const out = Buffer.alloc(20_000);
			const end = writePublish(out, 0, publishHead(topic, count), packetId, index, ts, count);
			expect(out[0]).toBe(0x32);
			let length = 0;
			let at = 1;
			for (let shift = 0; ; shift += 7) {
				const byte = out[at++] as number;
				length |= (byte & 127) << shift;
				if (byte < 128) break;
			}
			expect(at + length).toBe(end);
			expect(out.toString("utf8", at + 2, at + 2 + topic.length)).toBe(topic);
			expect(out.readUInt16BE(at + 2 + topic.length)).toBe(packetId);
			const payload = out.toString("utf8", at + 4 + topic.length, end);
			expect(payload.length).toBe(payloadLength(count));
			const readings = [nativeReadingsSchema.parse(JSON.parse(payload))].flat();
			expect(readings).toEqual(Array.from({ length: count }, (_, row) => ({ ts: ts + row, value: loadMilliValue(index, ts + row) / 1000 })));
		}),
	);
});

test("the checksum doesn't depend on the order, and sees a changed time or value", () => {
	const readings = Array.from({ length: 50 }, (_, at) => [1e12 + at, loadMilliValue(3, 1e12 + at)] as const);
	const sum = (list: readonly (readonly [number, number])[]) => list.reduce((total, [ts, value]) => addHash(total, readingHash(ts, value)), 0);
	expect(sum(readings.toReversed())).toBe(sum(readings));
	expect(sum(readings.map(([ts, value], at) => [ts, at === 7 ? value + 1 : value]))).not.toBe(sum(readings));
	expect(sum(readings.map(([ts, value], at) => [at === 7 ? ts + 1000 : ts, value]))).not.toBe(sum(readings));
});

test("the pacer keeps the rate whatever the steps, and after a pause sends no burst beyond 20 ms at twice the rate", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 50, max: 50_000 }),
			fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 300, maxLength: 600 }),
			(rate, steps) => {
				const pacer = createPacer(rate, 0);
				let now = 0;
				let total = 0;
				for (const step of [400, ...steps, ...Array<number>(300).fill(2)]) {
					now += step;
					const due = pacer.due(now);
					expect(due).toBeLessThanOrEqual(Math.max(1, 0.04 * rate));
					total += due;
					pacer.sent(due);
				}
				expect(Math.abs(total - (rate * now) / 1000)).toBeLessThanOrEqual(0.03 * rate + 2);
			},
		),
	);
});

test.each([1, 99, 100, 101, 250])("the load site of %i points has exactly the points that load mode sends", (count) => {
	const result = parseSite(parse(loadSiteYaml(count, true)));
	if ("problems" in result) throw new Error(JSON.stringify(result.problems));
	const expected = Array.from({ length: count }, (_, index) => Object.values(loadPoint(index)).join(":"));
	expect([...expandSite(result.site).points.keys()].sort()).toEqual(expected.sort());
});

test("the checker tells equal, missing, extra, changed, and stored without a PUBACK apart", async () => {
	const rows = (index: number, count: number): Stored[] =>
		Array.from({ length: count }, (_, at) => [1e12 + at, loadMilliValue(index, 1e12 + at) / 1000]);
	const point = (index: number, count: number) => ({
		id: Object.values(loadPoint(index)).join(":"),
		count,
		first: 1e12,
		last: 1e12 + count - 1,
		checksum: rows(index, count).reduce((sum, [ts, value]) => addHash(sum, readingHash(ts, Math.round(value * 1000))), 0),
	});
	const manifest = { points: [0, 1, 2, 3, 4].map((index) => point(index, 10)), unacknowledged: [{ id: "load-0001:p4", ts: 1e12 + 10, count: 2 }] };
	const store: Record<string, Stored[]> = {
		"load-0001:p0": rows(0, 10),
		"load-0001:p1": rows(1, 7),
		"load-0001:p2": rows(2, 11),
		"load-0001:p3": rows(3, 10).map(([ts, value], at) => [ts, at === 4 ? value + 0.001 : value]),
		"load-0001:p4": rows(4, 12),
	};
	const result = await compareManifest(manifest as unknown as Manifest, (id) => store[id] ?? []);
	expect(result).toEqual({ points: 5, acknowledged: 50, stored: 48, missing: 3, extra: 1, unacknowledgedStored: 2, different: ["load-0001:p3"] });
});
