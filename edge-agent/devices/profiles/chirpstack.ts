/** ChirpStack v4, a LoRaWAN network server: its MQTT integration in JSON. */
import { clockOf, timeOf } from "./device-time.ts";
import { uplinkReadings } from "./lorawan.ts";
import { infoOf, isObject, numberOf, objectOf, readingOf, said, wordOf } from "./payload.ts";
import type { Decode, Profile } from "./profile.ts";

export const chirpstack: Profile = {
	id: "chirpstack",
	title: "ChirpStack v4 (LoRaWAN)",
	base: "application",
	topics: (base) => [`${base}/+/device/+/event/+`],
	// The network server speaks for all devices.
	owner: (topic, base) => (topic.startsWith(`${base}/`) ? null : undefined),
	decoder: ({ base }) => decoder(base),
	page: {
		about:
			"MQTT integration with the JSON marshaler. A device profile's codec (`object`) is used where there is one; without it the bytes of Milesight sensors on port 85 are read, with their records of the past.",
		address: "The device's EUI, `24e124136b000001`.",
		channels: [
			[
				"`battery`, `temperature`, `humidity`, `leak`, `magnet`, `door`, `tamper`, `co2`, `pressure` …",
				"Milesight: %, °C, %RH, true or false, ppm, hPa; `true` is open, wet, taken off",
			],
			["the fields of `object`, `sensor.temperature`", "as the codec names them"],
			["`batteryLevel`", "%, of the event `status`"],
		],
		ignores: ["the events `ack`, `txack`, `log` and `location`", "327.67 and FFFF: there is no probe", "bytes of other makers without a codec"],
		example: `- id: hall-a-leak-3
  kind: water-leak-detector
  profile: chirpstack
  address: 24e124136b000001
  points:
    - { id: leak, kind: leak, type: state, states: [dry, leak], source: leak, values: { "true": leak, "false": dry }, interval: 60min }`,
	},
};

function decoder(base: string): Decode {
	return (message) => {
		const [, level, eui = "", , event = ""] = message.topic.slice(base.length + 1).split("/");
		if (level !== "device") return null;
		if (event !== "up" && event !== "join" && event !== "status") return [];
		const read = objectOf(message, eui);
		if ("refusal" in read) return read.refusal;
		const { body } = read;
		const about = isObject(body.deviceInfo) ? body.deviceInfo : {};
		const device = wordOf(about.devEui) ?? eui;
		const time = timeOf(body.time);
		const model = wordOf(about.deviceProfileName) ?? "";
		const info = infoOf({ name: about.deviceName, model });
		if (event === "join") return [said(device, { events: [{ type: "status", status: "online", ts: time.ts }], info, ...clockOf(time) })];
		if (event === "status") return [said(device, { readings: statusReadings(body, time.ts), info, ...clockOf(time) })];
		const readings = uplinkReadings({ decoded: body.object, bytes: body.data, port: body.fPort, model, time });
		return [said(device, { readings, info, ...clockOf(time) })];
	};
}

/** On external power, or where the device doesn't know, the level says nothing. */
function statusReadings({ batteryLevel, batteryLevelUnavailable, externalPowerSource }: Readonly<Record<string, unknown>>, ts: number | null) {
	const level = numberOf(batteryLevel);
	if (level === null || level < 0 || level > 100 || batteryLevelUnavailable === true || externalPowerSource === true) return [];
	return [readingOf("batteryLevel", level, "charge", "%", ts)];
}
