import { describe, expect, test } from "vitest";
import type { Device, Point } from "../../../contracts/api.ts";
import { HEAT_SCALES, heatColour, METRICS } from "../../../dashboard/src/features/overview/heat-scale.ts";
import { nearestInDirection } from "../../../dashboard/src/features/overview/plan-geometry.ts";
import { failurePriority, shareOf } from "../../../dashboard/src/features/overview/rack-feeds.ts";
import { metricPoints, rackMetric } from "../../../dashboard/src/features/overview/rack-metric.ts";
import { toldApart } from "../../../dashboard/src/features/overview/use-place.ts";
import type { Live } from "../../../dashboard/src/live/reading-store.ts";

const channels = (colour: string) => [...colour.matchAll(/\d+/g)].map(Number);
const spread = (colour: string) => Math.max(...channels(colour)) - Math.min(...channels(colour));

describe("the heat scale", () => {
	test.each(METRICS.flatMap((metric) => (["dark", "light"] as const).map((theme) => [metric, theme] as const)))(
		"%s, %s: grey within the recommended range, colour beyond",
		(metric, theme) => {
			const { recommended, min, max } = HEAT_SCALES[metric];
			for (let value = recommended.min; value <= recommended.max; value++) expect(spread(heatColour(metric, value, theme))).toBeLessThanOrEqual(2);
			expect(spread(heatColour(metric, max, theme))).toBeGreaterThan(80);
			expect(spread(heatColour(metric, recommended.max + 0.5, theme))).toBeGreaterThan(30);
			if (min < recommended.min) expect(spread(heatColour(metric, min, theme))).toBeGreaterThan(80);
		},
	);
	test.each([
		["too cold is blue", 15, 2],
		["too hot is red", 35, 0],
	])("%s", (_, value, strongest) => {
		const colour = channels(heatColour("temperature", value, "dark"));
		expect(colour.indexOf(Math.max(...colour))).toBe(strongest);
	});
	test("values beyond the scale take the colour of its end", () => {
		expect(heatColour("temperature", 80, "dark")).toBe(heatColour("temperature", 35, "dark"));
		expect(heatColour("temperature", -5, "dark")).toBe(heatColour("temperature", 15, "dark"));
	});
});

describe("a rack's number", () => {
	const live = (value: number | null, quality: Live["quality"] = "good"): Live => ({ value, quality, ts: 1, receivedAt: 1 });
	test.each<[rule: string, actual: ReturnType<typeof rackMetric>, expected: ReturnType<typeof rackMetric>]>([
		["is the hottest inlet", rackMetric("temperature", [live(22), live(25)], null), { state: "value", value: 25 }],
		["is both feeds in per cent of the rating", rackMetric("power", [live(2000), live(1500)], 7000), { state: "value", value: 50 }],
		["is missing without a sensor", rackMetric("temperature", [], null), { state: "none" }],
		["is missing without a rating", rackMetric("power", [live(1)], null), { state: "none" }],
		["is stale when any part of it is", rackMetric("power", [live(2000), live(1500, "stale")], 7000), { state: "stale", value: 50 }],
		["is stale without a value", rackMetric("temperature", [live(null)], null), { state: "stale", value: null }],
	])("%s", (_, actual, expected) => expect(actual).toEqual(expected));
});

describe("arrow keys on the plan", () => {
	const at = (key: string, x: number, y: number) => ({ key, x, y });
	const targets = [at("a", 0, 0), at("b", 1, 0), at("c", 2, 0.1), at("d", 0.5, 3)];
	test.each([
		["ArrowRight", "b"],
		["ArrowDown", "d"],
		["ArrowLeft", undefined],
		["Enter", undefined],
	])("%s leads from a to %s", (key, expected) => expect(nearestInDirection(at("a", 0, 0), targets, key)?.key).toBe(expected));
});

describe("the power of a rack", () => {
	const power = (device: string) => ({ id: `${device}:power`, device, name: "Power", kind: "power" }) as Point;
	const device = (kind: Device["kind"], feed: "A" | "B" | null) => ({ name: `The ${kind}`, kind, feed });
	const devices = new Map([
		["pdu-a", device("pdu", "A")],
		["pdu-b", device("pdu", "B")],
		["plug", device("power-meter", null)],
		["spare", device("pdu", null)],
	]);
	const points = (...of: string[]) => of.map(power);
	test.each([
		["is that of its PDUs: what hangs on one is in it already", ["pdu-a", "pdu-b", "plug"], ["pdu-a", "pdu-b"]],
		["is all that is metered where no PDU hangs on a feed", ["plug", "spare"], ["plug", "spare"]],
	])("%s", (_rule, of, counted) => {
		expect(metricPoints("power", points(...of), devices).map((point) => point.device)).toEqual(counted);
	});
	test("values that are called the same say of which feed they are, or of which device", () => {
		const all = [...points("pdu-a", "pdu-b", "plug"), { ...power("pdu-a"), name: "Current" }];
		expect(toldApart(all, devices)).toEqual([{ feed: "A" }, { feed: "B" }, { device: "The power-meter" }, null]);
	});
});

describe("a feed that fails", () => {
	test.each([
		["is carried by the other with reserve", "B", 56, null],
		["leaves no reserve above 80 %", "B", 80.1, "medium"],
		["is more than the other can carry above 100 %", "B", 100.1, "high"],
		["is carried by nothing", null, null, "high"],
		["leaves nobody knows what where a meter is silent", "B", null, null],
	] as const)("%s", (_rule, carriedBy, percent, priority) => {
		expect(failurePriority({ carriedBy, percent })).toBe(priority);
	});
	test("has a load that is a share of its rating, where both are known", () => {
		const power = { load: { A: 2100, B: null }, feedPower: 7000 };
		expect([shareOf(power, "A"), shareOf(power, "B"), shareOf({ ...power, feedPower: null }, "A")]).toEqual([30, null, null]);
	});
});
