/** What an agent remembers of Shelly devices (EDG-8). */
import { expect, test } from "vitest";
import { shelly } from "../../../../edge-agent/devices/profiles/shelly.ts";
import { type Listener, listener } from "../../../helpers/dialects.ts";

const ID = "shellyplusht-c049ef8bc088";
/** The quality of the battery's charge after a notification of its power. */
const charge = (made: Listener, power: object) =>
	made
		.hear(
			`${ID}/events/rpc`,
			JSON.stringify({ src: ID, method: "NotifyStatus", params: { ts: 1_790_000_000, "devicepower:0": { id: 0, ...power } } }),
		)
		?.flatMap(({ readings }) => readings)
		.find(({ channel }) => channel === "devicepower:0.battery.percent")?.quality;

test("0 % of a device on external power is no measurement, also where a later message doesn't speak of that power", () => {
	const made = listener(shelly);
	const battery = { V: 0.43, percent: 0 };
	expect(charge(made, { battery, external: { present: true } })).toBe("bad");
	expect(charge(made, { battery })).toBe("bad");
	const status = made.hear(`${ID}/status/devicepower:0`, JSON.stringify({ id: 0, battery }));
	expect(status?.[0]?.readings[0]).toMatchObject({ value: 0, quality: "bad", kind: null });
	expect(charge(made, { battery: { V: 5.9, percent: 98 }, external: { present: false } })).toBeNull();
	expect(charge(made, { battery })).toBeNull();
});
