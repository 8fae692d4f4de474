import type { Sample } from "./sample.ts";

export const samples: readonly Sample[] = [
	{
		about: "a sensor",
		topic: "homeassistant/sensor/probe-7/temperature/config",
		payload: JSON.stringify({
			availability: [{ topic: "plant/bridge/state" }, { topic: "plant/probe-7/lwt" }],
			availability_mode: "all",
			device: { identifiers: ["plant_probe-7"], manufacturer: "Fern AG", model: "P7", name: "Probe 7", sw_version: "1.4", hw_version: 3 },
			device_class: "temperature",
			state_topic: "plant/probe-7",
			unique_id: "probe-7-t",
			unit_of_measurement: "°F",
			value_template: '{{ value_json["temperature"] | float }}',
		}),
		expect: [
			{
				device: "plant/probe-7",
				announces: [{ channel: "$.temperature", kind: "temperature", unit: "°F" }],
				info: {
					name: "Probe 7",
					vendor: "Fern AG",
					model: "P7",
					version: "1.4",
					device: "plant_probe-7",
					availability: "all of plant/bridge/state, plant/probe-7/lwt",
					temperature: "sensor, temperature, probe-7-t",
				},
			},
		],
	},
	{
		about: "abbreviated keys, a door that is open when its word is false",
		topic: "homeassistant/binary_sensor/gate/config",
		payload: JSON.stringify({
			"~": "zb/gate",
			avty_t: "~/availability",
			dev: { ids: "zb_gate", mf: "Fern AG", mdl: "Gate contact", mdl_id: "G-2", sw: "" },
			dev_cla: "door",
			o: { name: "Zigbee2MQTT" },
			pl_off: true,
			pl_on: false,
			stat_t: "~",
			uniq_id: "gate-contact",
			val_tpl: "{{ value_json.contact }}",
		}),
		expect: [
			{
				device: "zb/gate",
				announces: [{ channel: "$.contact", kind: "contact", unit: null, words: { false: true, true: false } }],
				info: {
					vendor: "Fern AG",
					model: "G-2",
					device: "zb_gate",
					availability: "zb/gate/availability",
					dialect: "zigbee2mqtt",
					contact: "binary_sensor, door, on=false off=true, gate-contact",
				},
			},
		],
	},
	{
		about: "a binary battery is no percentage",
		topic: "homeassistant/binary_sensor/gate/battery_low/config",
		payload: '{"device_class":"battery","entity_category":"diagnostic","state_topic":"zb/gate","value_template":"{{ value_json.battery_low }}"}',
		expect: [
			{
				device: "zb/gate",
				announces: [{ channel: "$.battery_low", kind: null, unit: null, words: { ON: true, OFF: false } }],
				info: { battery_low: "binary_sensor, battery, diagnostic" },
			},
		],
	},
	{
		about: "a card reader",
		topic: "homeassistant/tag/0A0B0C/config",
		payload: '{"topic":"0A0B0C/tag_scanned","value_template":"{{ value_json.RC522.UID }}"}',
		expect: [{ device: "0A0B0C/tag_scanned", announces: [{ channel: "$.RC522.UID", kind: null, unit: null }], info: { "RC522.UID": "tag" } }],
	},
	{
		about: "a whole device in one message, one of its parts bare text",
		topic: "homeassistant/device/meter-1/config",
		payload: JSON.stringify({
			dev: { ids: ["meter-1"], name: "Meter" },
			cmps: {
				power: { p: "sensor", dev_cla: "power", unit_of_meas: "kW", stat_t: "meters/1/power" },
				volts: { p: "sensor", dev_cla: "voltage", unit_of_meas: "V", stat_t: "meters/1", val_tpl: "{{ value_json['l 1'][0] }}" },
				old: "gone",
			},
		}),
		expect: [
			{
				device: "meters/1/power",
				announces: [{ channel: "$", kind: "power", unit: "kW" }],
				info: { name: "Meter", device: "meter-1", power: "sensor, power" },
			},
			{
				device: "meters/1",
				announces: [{ channel: '$["l 1"][0]', kind: "voltage", unit: "V" }],
				info: { name: "Meter", device: "meter-1", '["l 1"][0]': "sensor, voltage" },
			},
		],
	},
	{
		about: "a template that computes has no channel",
		topic: "homeassistant/sensor/odd/config",
		payload: '{"state_topic":"odd","value_template":"{{ value_json.a + 1 if value_json.b else 0 }}"}',
		expect: [{ device: "odd", announces: [], info: { odd: "sensor" } }],
	},
	...["| float / 10", "| int * 0.1 | round(1)", "| multiply(0.001)", "+ 3"].map((logic) => ({
		about: `a template that computes has no channel: ${logic}`,
		topic: "homeassistant/sensor/odd/config",
		payload: JSON.stringify({ state_topic: "odd", value_template: `{{ value_json.a ${logic} }}` }),
		expect: [{ device: "odd", announces: [], info: { odd: "sensor" } }],
	})),
	{
		about: "a bare text, in words of its own; ~ in the list of availabilities",
		topic: "homeassistant/binary_sensor/rope/config",
		payload: JSON.stringify({
			"~": "plant/rope",
			avty: [{ t: "~/lwt" }],
			stat_t: "~/state",
			dev_cla: "moisture",
			pl_on: "WET",
			pl_off: "DRY",
			val_tpl: "{{ value | trim }}",
		}),
		expect: [
			{
				device: "plant/rope/state",
				announces: [{ channel: "$", kind: "leak", unit: null, words: { WET: true, DRY: false } }],
				info: { availability: "plant/rope/lwt", rope: "binary_sensor, moisture, on=WET off=DRY" },
			},
		],
	},
	{ about: "what only takes commands", topic: "homeassistant/button/x/config", payload: '{"command_topic":"x/press"}', expect: [] },
	{ about: "an announcement taken back", topic: "homeassistant/sensor/probe-7/temperature/config", payload: "", expect: [] },
	{ about: "no JSON", topic: "homeassistant/sensor/probe-7/config", payload: "{", expect: [{ device: "probe-7", refused: "not-json" }] },
];
