/** The Things Stack v3 (The Things Network), a LoRaWAN network server: its MQTT integration. */
import { clockOf, timeOf } from "./device-time.ts";
import { uplinkReadings } from "./lorawan.ts";
import { infoOf, isObject, objectOf, said, wordOf } from "./payload.ts";
import type { Decode, Profile } from "./profile.ts";

export const thingsStack: Profile = {
	id: "things-stack",
	title: "The Things Stack v3 (LoRaWAN)",
	base: "v3",
	topics: (base) => [`${base}/+/devices/+/up`, `${base}/+/devices/+/join`],
	// The network server speaks for all devices.
	owner: (topic, base) => (topic.startsWith(`${base}/`) ? null : undefined),
	decoder: ({ base }) => decoder(base),
	page: {
		about:
			"MQTT integration, bridged to the agent's broker. A payload formatter's result (`decoded_payload`) is used where there is one; without it the bytes of Milesight sensors on port 85 are read, with their records of the past.",
		address: "The device's id in its application, `eui-24e124136b000001`.",
		channels: [
			[
				"`battery`, `temperature`, `humidity`, `leak`, `magnet`, `door`, `tamper`, `co2`, `pressure` …",
				"Milesight: %, °C, %RH, true or false, ppm, hPa; `true` is open, wet, taken off",
			],
			["the fields of `decoded_payload`, `TempC_SHT`", "as the formatter names them"],
		],
		ignores: [
			"327.67, and Dragino's -0.1 of an open input: there is no probe",
			"bytes of other makers without a formatter",
			"uplinks that were simulated in the console",
			"downlinks and service messages",
		],
		example: `- id: A03-inlet
  kind: temperature-sensor
  profile: things-stack
  address: lsn50-temp-2
  points:
    - { id: inlet, kind: temperature, source: TempC_SHT, interval: 20min }`,
	},
};

function decoder(base: string): Decode {
	return (message) => {
		const [, level, id = "", event = ""] = message.topic.slice(base.length + 1).split("/");
		if (level !== "devices") return null;
		if (event !== "up" && event !== "join") return [];
		const read = objectOf(message, id);
		if ("refusal" in read) return read.refusal;
		const { body } = read;
		const ids = isObject(body.end_device_ids) ? body.end_device_ids : {};
		const device = wordOf(ids.device_id) ?? id;
		const uplink = isObject(body.uplink_message) ? body.uplink_message : {};
		const time = timeOf(uplink.received_at ?? body.received_at);
		if (event === "join") return [said(device, { events: [{ type: "status", status: "online", ts: time.ts }], ...clockOf(time) })];
		// Typed by somebody in the console.
		if (body.simulated === true || uplink.simulated === true) return [said(device, {})];
		const version = isObject(uplink.version_ids) ? uplink.version_ids : {};
		const info = infoOf({ model: version.model_id, maker: version.brand_id, devEui: ids.dev_eui });
		const model = wordOf(version.model_id) ?? "";
		const readings = uplinkReadings({ decoded: uplink.decoded_payload, bytes: uplink.frm_payload, port: uplink.f_port, model, time });
		return [said(device, { readings, info, ...clockOf(time) })];
	};
}
