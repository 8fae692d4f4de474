import { expect, test } from "vitest";
import type { SeenDevice } from "../../../contracts/uplink.ts";
import { SeenDevices } from "../../../server/onboarding/seen-devices.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const device = (address: string, rest: Partial<SeenDevice> = {}): SeenDevice => ({
	profile: "shelly",
	address,
	firstSeen: T0 + 1000,
	lastSeen: T0 + 1000,
	messages: 1,
	info: {},
	channels: [],
	doors: [],
	topic: "t",
	payload: "{}",
	...rest,
});
function watch() {
	const [world, realtime, clock] = [worldSource(), recordingRealtime(), settableClock(T0)];
	const seen = new SeenDevices({ world, realtime, clock });
	return { world, realtime, clock, seen, addresses: () => seen.list().map(({ agent, address }) => `${agent}/${address}`) };
}

test("a device is listed by agent and address, with what it said last", () => {
	const { seen, addresses } = watch();
	seen.heard("b", [device("x")]);
	seen.heard("a", [device("y"), device("x", { payload: "1" })]);
	seen.heard("a", [device("x", { payload: "2", messages: 2 })]);
	expect(addresses()).toEqual(["a/x", "a/y", "b/x"]);
	expect(seen.list()[0]).toMatchObject({ payload: "2", messages: 2, lastSeen: new Date(T0 + 1000).toISOString() });
});

test("of a device that speaks for the first time everybody hears once, and of one that is told again after a restart nobody", () => {
	const { seen, realtime } = watch();
	seen.heard("a", [device("x"), device("old", { firstSeen: T0 - 1 })]);
	seen.heard("a", [device("x")]);
	expect(realtime.events).toMatchObject([
		{ site: "s", event: "notice", payload: { kind: "device-seen", text: expect.stringContaining("x (shelly)") } },
	]);
});

test("a device that has come into the site is listed no more, and one of an agent that isn't there never", () => {
	const { seen, world, addresses } = watch();
	seen.heard("a", [device("x")]);
	seen.heard("nobody", [device("x")]);
	expect(addresses()).toEqual(["a/x"]);
	const site = smallSite();
	site.rooms[0]?.devices.push({ id: "x1", kind: "power-meter", profile: "shelly", address: "x" } as never);
	world.change(site);
	expect(addresses()).toEqual([]);
});

test("a device that has been silent for a week is forgotten", () => {
	const { seen, clock, addresses } = watch();
	seen.heard("a", [device("x"), device("y", { lastSeen: T0 + 86_400_000 })]);
	clock.time = T0 + 1001 + 7 * 86_400_000;
	expect(addresses()).toEqual(["a/y"]);
});

test("of one agent 500 are kept, those that were heard last", () => {
	const { seen, addresses } = watch();
	seen.heard("b", [device("other")]);
	for (let index = 0; index < 510; index++) seen.heard("a", [device(`d${index}`)]);
	expect(addresses()).toHaveLength(501);
	expect(addresses()).toContain("a/d509");
	expect(addresses()).not.toContain("a/d9");
	expect(addresses()).toContain("b/other");
});
