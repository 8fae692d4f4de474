import type { Sample } from "./sample.ts";

const EUI = "24e124136b0000c1";
const AT = Date.UTC(2026, 8, 20, 10, 0, 0);
const topic = `application/b2f0/device/${EUI}/event/up`;
const INFO = { name: "Cold aisle 3", model: "Milesight" };
const envelope = (rest: object, model = "Milesight") =>
	JSON.stringify({
		time: "2026-09-20T10:00:00.000000+00:00",
		deviceInfo: { deviceName: "Cold aisle 3", deviceProfileName: model, devEui: EUI },
		fCnt: 12,
		...rest,
	});
/** An uplink of these bytes, which the network server has not decoded. */
export const bytesUplink = (hex: string, model?: string) =>
	envelope({ fPort: 85, data: Buffer.from(hex.replaceAll(" ", ""), "hex").toString("base64") }, model);

export const samples: readonly Sample[] = [
	{
		about: "Milesight's bytes: battery, temperature, humidity",
		topic,
		payload: bytesUplink("01 75 58  03 67 F6 FF  04 68 57"),
		expect: [{ device: EUI, readings: { battery: [88, "%"], temperature: [-1, "C"], humidity: [43.5, "%"] }, ts: AT, info: INFO }],
	},
	{ about: "a leak", topic, payload: bytesUplink("05 00 01"), expect: [{ device: EUI, readings: { leak: true }, info: INFO }] },
	{
		about: "a door opened, the sensor where it belongs",
		topic,
		payload: bytesUplink("03 00 01  04 00 00"),
		expect: [{ device: EUI, readings: { door: true, tamper: false }, info: INFO }],
	},
	{
		about: "a magnet that is near, and a record of the past that is none of now",
		topic,
		payload: bytesUplink("06 00 00  20 CE C0 78 AE 6A  E0 00  50  01"),
		expect: [
			{
				device: EUI,
				readings: { magnet: true, temperature: [22.4, "C"], humidity: [40, "%"] },
				historical: false,
				info: INFO,
			},
		],
	},
	{
		about: "records of the past alone",
		topic,
		payload: bytesUplink("20 CE 80 49 AE 6A  E0 00  50"),
		expect: [{ device: EUI, readings: { temperature: [22.4, "C"], humidity: [40, "%"] }, historical: true, ts: 1_789_806_976_000, info: INFO }],
	},
	{
		about: "no probe, a humidity that can't be and a pair that nobody knows",
		topic,
		payload: bytesUplink("03 67 FF FF  04 68 FF  01 75 0A  77 77 01 05 00 01"),
		expect: [{ device: EUI, readings: { battery: [10, "%"] }, info: INFO }],
	},
	{
		about: "the same pair on an occupancy sensor",
		topic,
		payload: bytesUplink("05 00 01", "Milesight WS203"),
		expect: [{ device: EUI, readings: { pir: true }, info: { ...INFO, model: "Milesight WS203" } }],
	},
	{
		about: "decoded by the network server",
		topic,
		payload: envelope({
			fPort: 85,
			data: "AXVY",
			object: { battery: 88, water_leak: "normal", sensor: { temperature: 21.5 }, history: [{ timestamp: 1_789_800_000, temperature: 20.5 }] },
		}),
		expect: [
			{
				device: EUI,
				readings: { battery: [88, "%"], water_leak: false, "sensor.temperature": [21.5, "C"], temperature: [20.5, "C"] },
				historical: false,
				info: INFO,
			},
		],
	},
	{ about: "bytes of another maker", topic, payload: bytesUplink("01 00 E2 02 29"), expect: [{ device: EUI, info: INFO }] },
	{
		about: "the battery that a status tells of",
		topic: topic.replace("/up", "/status"),
		payload: envelope({ margin: 7, externalPowerSource: false, batteryLevelUnavailable: false, batteryLevel: 75.5 }),
		expect: [{ device: EUI, readings: { batteryLevel: [75.5, "%"] }, info: INFO }],
	},
	{ about: "a device joins", topic: topic.replace("/up", "/join"), payload: envelope({}), expect: [{ device: EUI, status: "online", info: INFO }] },
	{ about: "an acknowledgement", topic: topic.replace("/up", "/ack"), payload: envelope({}), expect: [] },
	{ about: "no JSON", topic, payload: "up!", expect: [{ device: EUI, refused: "not-json" }] },
];
