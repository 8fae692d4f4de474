import type { Sample } from "./sample.ts";

const GATEWAY = "C0:FF:EE:00:11:22";
const TAG = "D1:A2:B3:C4:D5:E6";
const topic = `ruuvi/${GATEWAY}/${TAG}`;
const TS = 1_790_000_000;
const raw = (data: string) => JSON.stringify({ gw_mac: GATEWAY, rssi: -61, aoa: [], gwts: TS + 1, ts: TS, data, coords: "" });
/** An advertisement with manufacturer data of format 5 or 3. */
const advertised = (bytes: string) => raw(`020106${(bytes.length / 2 + 3).toString(16).padStart(2, "0")}FF9904${bytes}`);
const decoded = (fields: object) => JSON.stringify({ gw_mac: GATEWAY, gwts: TS + 1, ts: TS, dataFormat: 5, id: TAG, ...fields });

export const samples: readonly Sample[] = [
	{
		about: "format 5",
		topic,
		// 22.5 °C, 45 %RH, 100125 Pa, 0.01 -0.02 1.0 g, 3 V, 4 dBm, 12 movements
		payload: advertised(`05119446 50C3CD000AFFEC03E8AF160C0123D1A2B3C4D5E6`.replace(" ", "")),
		expect: [
			{
				device: TAG,
				readings: {
					temperature: [22.5, "C"],
					humidity: [45, "%"],
					pressure: [100_125, "Pa"],
					voltage: [3, "V"],
					accelX: [0.01, "g"],
					accelY: [-0.02, "g"],
					accelZ: [1, "g"],
					movementCounter: [12, "1"],
				},
				ts: TS * 1000,
			},
		],
	},
	{
		about: "format 5, of which nothing is known",
		topic,
		payload: advertised("058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF"),
		expect: [{ device: TAG }],
	},
	{
		about: "format 3, below zero",
		topic,
		payload: advertised("0350850AC3500000000003E80BB8"),
		expect: [
			{
				device: TAG,
				readings: {
					temperature: [-5.1, "C"],
					humidity: [40, "%"],
					pressure: [100_000, "Pa"],
					voltage: [3, "V"],
					accelX: [0, "g"],
					accelY: [0, "g"],
					accelZ: [1, "g"],
				},
			},
		],
	},
	{
		about: "decoded by the gateway, unknown fields null",
		topic,
		payload: decoded({ data: "not even hex", temperature: 19.255, humidity: null, pressure: 99_870, voltage: 2.8, txPower: 4 }),
		expect: [{ device: TAG, readings: { temperature: [19.255, "C"], pressure: [99_870, "Pa"], voltage: [2.8, "V"] }, ts: TS * 1000 }],
	},
	{ about: "an advertisement cut off", topic, payload: raw("0201061BFF99040511944650"), expect: [] },
	{ about: "somebody else's advertisement", topic, payload: raw("02011A0AFF4C0010050B1C3D4E5F"), expect: [] },
	{ about: "a format of the future", topic, payload: advertised("F005119446"), expect: [] },
	{
		about: "a gateway without the time",
		topic,
		payload: JSON.stringify({ gwts: 61, ts: 60, dataFormat: 5, temperature: 20 }),
		expect: [{ device: TAG, readings: { temperature: [20, "C"] }, ts: null, unusableClock: "since-boot" }],
	},
	{
		about: "the gateway goes",
		topic: `ruuvi/${GATEWAY}/gw_status`,
		payload: '{"state":"offline"}',
		expect: [{ device: GATEWAY, status: "offline" }],
	},
	{ about: "no JSON", topic, payload: "{", expect: [{ device: TAG, refused: "not-json" }] },
];
