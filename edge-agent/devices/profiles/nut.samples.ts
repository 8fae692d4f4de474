import type { ExpectedValue, Sample } from "./sample.ts";
import { UPS_WORDS } from "./ups-state.ts";

const flags = (...set: readonly string[]): Record<string, ExpectedValue> =>
	Object.fromEntries(UPS_WORDS.map((word) => [`ups.status.${word}`, set.includes(word)]));

export const samples: readonly Sample[] = [
	{
		about: "all variables of a UPS, each a text",
		topic: "nut/hall-ups",
		payload:
			'{"battery.charge":"97","battery.charge.low":"20","battery.runtime":"2400","battery.voltage":"54.6","input.voltage":"229.5","ups.load":"33","ups.realpower":"640","ups.power":"702","ups.status":"OL CHRG","device.mfr":"Strom","device.model":"S3000","ups.firmware":"1.7","driver.version":"2.8"}',
		expect: [
			{
				device: "hall-ups",
				readings: {
					"battery.charge": [97, "%"],
					"battery.charge.low": 20,
					"battery.runtime": [2400, "s"],
					"battery.voltage": [54.6, "V"],
					"input.voltage": [229.5, "V"],
					"ups.load": [33, "%"],
					"ups.realpower": [640, "W"],
					"ups.power": [702, "VA"],
					"ups.status": "online",
					...flags("OL", "CHRG"),
				},
				info: { vendor: "Strom", model: "S3000", firmware: "1.7" },
			},
		],
	},
	{
		about: "low battery without mains",
		topic: "nut/hall-ups/ups.status",
		payload: "LB DISCHRG OB",
		expect: [{ device: "hall-ups", readings: { "ups.status": "low-battery", ...flags("OB", "LB", "DISCHRG") } }],
	},
	{
		about: "low battery with mains: it recharges",
		topic: "nut/hall-ups/ups.status",
		payload: "CHRG LB OL",
		expect: [{ device: "hall-ups", readings: { "ups.status": "online", ...flags("OL", "LB", "CHRG") } }],
	},
	{
		about: "a battery to replace",
		topic: "nut/hall-ups/ups/status",
		payload: "ALARM OL RB",
		expect: [{ device: "hall-ups", readings: { "ups.status": "fault", ...flags("OL", "RB", "ALARM") } }],
	},
	{
		about: "off, whatever else it says, and twice",
		topic: "nut/hall-ups/ups.status",
		payload: "OB FSD OFF OB",
		expect: [{ device: "hall-ups", readings: { "ups.status": "off", ...flags("OB", "FSD", "OFF") } }],
	},
	{
		about: "in bypass",
		topic: "nut/hall-ups/ups.status",
		payload: "OL BYPASS",
		expect: [{ device: "hall-ups", readings: { "ups.status": "bypass", ...flags("OL", "BYPASS") } }],
	},
	{ about: "no status at all", topic: "nut/hall-ups/ups.status", payload: " ", expect: [{ device: "hall-ups" }] },
	{ about: "waiting for its driver", topic: "nut/hall-ups/ups.status", payload: "WAIT", expect: [{ device: "hall-ups" }] },
	{
		about: "a variable by slashes",
		topic: "nut/hall-ups/battery/charge",
		payload: "41",
		expect: [{ device: "hall-ups", readings: { "battery.charge": [41, "%"] } }],
	},
	{
		about: "a battery's probe that isn't fitted",
		topic: "nut/hall-ups",
		payload: '{"battery.temperature":"0","ups.load":"0"}',
		expect: [{ device: "hall-ups", readings: { "ups.load": [0, "%"] } }],
	},
	{
		about: "a PDU with contacts, its outlets' total against its input",
		topic: "nut/pdu-9",
		payload:
			'{"ambient.temperature":"23.5","ambient.humidity":"40.0","ambient.contacts.2.status":"closed","input.current":"3.20","input.L1.voltage":"230","outlet.current":"32.0","outlet.4.realpower":"75","outlet.4.status":"on","ups.status":""}',
		expect: [
			{
				device: "pdu-9",
				readings: {
					"ambient.temperature": [23.5, "C"],
					"ambient.humidity": [40, "%"],
					"ambient.contacts.2.status": "closed",
					"input.current": [3.2, "A"],
					"input.L1.voltage": [230, "V"],
					"outlet.current": [32, "A"],
					"outlet.4.realpower": [75, "W"],
					"outlet.4.status": "on",
				},
			},
		],
	},
	{ about: "no environment probe", topic: "nut/pdu-9", payload: '{"ambient.present":"no","ambient.temperature":"0"}', expect: [{ device: "pdu-9" }] },
	{
		about: "variables in objects",
		topic: "nut/pdu-9",
		payload: '{"battery":{"charge":"88","voltage":{"nominal":"24"}}}',
		expect: [{ device: "pdu-9", readings: { "battery.charge": [88, "%"], "battery.voltage.nominal": 24 } }],
	},
	{
		about: "a variable that isn't known today",
		topic: "nut/hall-ups",
		payload: '{"input.voltage":"N/A","battery.charge":null}',
		expect: [{ device: "hall-ups" }],
	},
	{ about: "no object", topic: "nut/hall-ups", payload: "OL", expect: [{ device: "hall-ups", refused: "not-json" }] },
];
