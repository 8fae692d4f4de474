import type { Sample } from "./sample.ts";

const IEEE = "0x00124b0029aabb01";

export const samples: readonly Sample[] = [
	{
		about: "a climate sensor, its battery in mV",
		topic: "zigbee2mqtt/hall-a/rack 3",
		payload:
			'{"battery":87,"humidity":41.2,"last_seen":"2026-10-30T08:00:00.250Z","linkquality":0,"pressure":1009,"temperature":22.6,"voltage":2985}',
		expect: [
			{
				device: "hall-a/rack 3",
				readings: {
					battery: [87, "%"],
					humidity: [41.2, "%"],
					pressure: [1009, "hPa"],
					temperature: [22.6, "C"],
					voltage: [2985, "mV"],
				},
				ts: Date.UTC(2026, 9, 30, 8, 0, 0, 250),
			},
		],
	},
	{
		about: "contact: true is closed there, and open here",
		topic: "zigbee2mqtt/cage-door",
		payload: '{"contact":true,"tamper":false,"battery_low":false}',
		expect: [{ device: "cage-door", readings: { contact: false, tamper: false, battery_low: false } }],
	},
	{
		about: "a door that is opened, last seen in epoch milliseconds",
		topic: "zigbee2mqtt/cage-door",
		payload: '{"contact":false,"last_seen":1790000000000}',
		expect: [{ device: "cage-door", readings: { contact: true }, ts: 1_790_000_000_000 }],
	},
	{
		about: "a plug on mains, three phases, in V",
		topic: "zigbee2mqtt/pdu-7",
		payload:
			'{"state":"ON","state_l2":"OFF","power":311.5,"power_phase_b":-12,"voltage":229.9,"voltage_phase_b":231,"current":1.36,"energy":88.4,"update":{"state":"available"}}',
		expect: [
			{
				device: "pdu-7",
				readings: {
					state: true,
					state_l2: false,
					power: [311.5, "W"],
					power_phase_b: [-12, "W"],
					voltage: [229.9, "V"],
					voltage_phase_b: [231, "V"],
					current: [1.36, "A"],
					energy: [88.4, "kWh"],
				},
			},
		],
	},
	{
		about: "a battery as text; null is unknown",
		topic: "zigbee2mqtt/leak-1",
		payload: '{"battery":"64.50","water_leak":true,"temperature":null,"linkquality":33}',
		expect: [{ device: "leak-1", readings: { battery: [64.5, "%"], water_leak: true } }],
	},
	{
		about: "a button",
		topic: "zigbee2mqtt/help",
		payload: '{"action":"hold","battery":null}',
		expect: [{ device: "help", readings: { action: "hold" } }],
	},
	{
		about: "another base, and what the device says of itself",
		topic: "plant/zb/smoke-2",
		base: "plant/zb",
		payload: `{"smoke":true,"device_temperature":31,"device":{"ieeeAddr":"${IEEE}","friendlyName":"smoke-2","manufacturerName":"Rauch AG","model":"R-1","powerSource":"Battery"}}`,
		expect: [
			{
				device: "smoke-2",
				readings: { smoke: true, device_temperature: [31, "C"] },
				info: { ieee: IEEE, vendor: "Rauch AG", model: "R-1", power: "Battery" },
			},
		],
	},
	{
		about: "an attribute on a topic of its own",
		topic: "zigbee2mqtt/hall-a/rack 3/temperature",
		payload: "19.75",
		expect: [{ device: "hall-a/rack 3", readings: { temperature: [19.75, "C"] } }],
	},
	{
		about: "an attribute that is a state",
		topic: "zigbee2mqtt/pdu-7/state_l1",
		payload: "OFF",
		expect: [{ device: "pdu-7", readings: { state_l1: false } }],
	},
	{ about: "an attribute that is no number", topic: "zigbee2mqtt/hall-a/temperature", payload: "nan", expect: [] },
	{ about: "an attribute with fields of its own is no device", topic: "zigbee2mqtt/lamp/color", payload: '{"hue":null}', expect: [] },
	{
		about: "a lock, in its own words",
		topic: "zigbee2mqtt/lock",
		payload: '{"state":"UNLOCK"}',
		expect: [{ device: "lock", readings: { state: "UNLOCK" } }],
	},
	{
		about: "availability in JSON",
		topic: "zigbee2mqtt/hall-a/rack 3/availability",
		payload: '{"state":"offline"}',
		expect: [{ device: "hall-a/rack 3", status: "offline" }],
	},
	{ about: "availability as text", topic: "zigbee2mqtt/leak-1/availability", payload: "online", expect: [{ device: "leak-1", status: "online" }] },
	{ about: "a device that was removed", topic: "zigbee2mqtt/leak-1/availability", payload: "", expect: [] },
	{
		about: "an availability that is none",
		topic: "zigbee2mqtt/leak-1/availability",
		payload: "maybe",
		expect: [{ device: "leak-1", refused: "wrong-type" }],
	},
	{
		about: "without its gateway no device is heard",
		topic: "zigbee2mqtt/bridge/state",
		payload: '{"state":"offline"}',
		addresses: ["hall-a/rack 3", "leak-1"],
		expect: [
			{ device: "bridge", status: "offline" },
			{ device: "hall-a/rack 3", status: "offline" },
			{ device: "leak-1", status: "offline" },
		],
	},
	{
		about: "the gateway is back, which says nothing of the devices",
		topic: "zigbee2mqtt/bridge/state",
		payload: "online",
		addresses: ["leak-1"],
		expect: [{ device: "bridge", status: "online" }],
	},
	{
		about: "a stranger joins the network",
		topic: "zigbee2mqtt/bridge/event",
		payload: `{"type":"device_joined","data":{"friendly_name":"${IEEE}","ieee_address":"${IEEE}"}}`,
		expect: [{ device: IEEE, info: { event: "device_joined", ieee: IEEE } }],
	},
	{
		about: "and is interviewed",
		topic: "zigbee2mqtt/bridge/event",
		payload: `{"type":"device_interview","data":{"friendly_name":"${IEEE}","ieee_address":"${IEEE}","status":"successful","supported":true,"definition":{"vendor":"Rauch AG","model":"R-1","description":"Smoke detector"}}}`,
		expect: [
			{
				device: IEEE,
				info: {
					event: "device_interview",
					ieee: IEEE,
					vendor: "Rauch AG",
					model: "R-1",
					description: "Smoke detector",
					status: "successful",
					supported: "true",
				},
			},
		],
	},
	{
		about: "a device leaves",
		topic: "zigbee2mqtt/bridge/event",
		payload: `{"type":"device_leave","data":{"friendly_name":"leak-1","ieee_address":"${IEEE}"}}`,
		expect: [{ device: "leak-1", status: "offline", info: { event: "device_leave", ieee: IEEE } }],
	},
	{
		about: "the gateway introduces its devices",
		topic: "zigbee2mqtt/bridge/devices",
		payload: `[{"ieee_address":"0x1","type":"Coordinator","friendly_name":"Coordinator"},{"ieee_address":"${IEEE}","type":"EndDevice","friendly_name":"leak-1","power_source":"Battery","definition":{"vendor":"Nass","model":"L-9"}}]`,
		expect: [{ device: "leak-1", info: { ieee: IEEE, vendor: "Nass", model: "L-9", power: "Battery" } }],
	},
	{ about: "a command to a device", topic: "zigbee2mqtt/pdu-7/set", payload: '{"state":"OFF"}', expect: [] },
	{ about: "no JSON", topic: "zigbee2mqtt/leak-1", payload: '{"battery":', expect: [{ device: "leak-1", refused: "not-json" }] },
	{ about: "no object", topic: "zigbee2mqtt/leak-1", payload: "[1]", expect: [{ device: "leak-1", refused: "wrong-shape" }] },
];
