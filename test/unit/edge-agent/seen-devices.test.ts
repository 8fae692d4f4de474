/** Devices that speak and aren't configured, as the agent lists them for a person (EDG-8). */
import { expect, test } from "vitest";
import { readingOf, said } from "../../../edge-agent/devices/profiles/payload.ts";
import type { Decoded } from "../../../edge-agent/devices/profiles/profile.ts";
import { SeenDevices } from "../../../edge-agent/devices/seen-devices.ts";

const message = (receivedAt: number) => ({ topic: "t", payload: Buffer.from("{}"), receivedAt, retained: false });

function channelsOf(...parts: readonly Decoded[]) {
	const seen = new SeenDevices(() => false);
	for (const [index, part] of parts.entries()) seen.add("home-assistant", part, message(1_000_000 + index));
	return seen.unreported(10).devices[0]?.channels;
}

const announced = (channel: string): Decoded => said("d", { channels: [{ channel, kind: "temperature", unit: "C" }] });

test("channels that a device announces one by one in a burst are all listed, without a value", () => {
	expect(channelsOf(announced("a"), announced("b"), announced("b"))).toMatchObject([
		{ channel: "a", kind: "temperature", unit: "C", value: null },
		{ channel: "b", kind: "temperature", unit: "C", value: null },
	]);
});

test("an announcement takes no value back", () => {
	expect(channelsOf(said("d", { readings: [readingOf("a", 21.5, "temperature", "C")] }), announced("a"), announced("b"))).toMatchObject([
		{ channel: "a", kind: "temperature", unit: "C", value: 21.5 },
		{ channel: "b", kind: "temperature", unit: "C", value: null },
	]);
});

test("each channel has the number of messages that told it: none of an announcement, and none of records of the past", () => {
	const reading = (channel: string, historical = false) => ({ ...readingOf(channel, 1), historical });
	const channels = channelsOf(
		announced("a"),
		said("d", { readings: [reading("b"), reading("c")] }),
		said("d", { readings: [reading("b"), reading("b"), reading("c", true)] }),
		said("d", { readings: [reading("b")] }),
	);
	expect(channels?.map(({ channel, messages }) => [channel, messages])).toEqual([
		["a", 0],
		["b", 3],
		["c", 1],
	]);
});
