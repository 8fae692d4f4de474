import type { Sample } from "./sample.ts";

const notify = (src: string, params: object, method = "NotifyStatus") => JSON.stringify({ src, dst: `${src}/events`, method, params });
const PLUG = "shellyplugsg3-8cbfea9bd0e8";

export const samples: readonly Sample[] = [
	{
		about: "a notification tells what has changed and nothing else",
		topic: `${PLUG}/events/rpc`,
		payload: notify(PLUG, { ts: 1_790_000_000.25, "switch:0": { id: 0, apower: 61.5 } }),
		expect: [{ device: PLUG, readings: { "switch:0.apower": [61.5, "W"] }, ts: 1_790_000_000_250 }],
	},
	{
		about: "a full status, the chip's temperature apart from the room's",
		topic: `${PLUG}/events/rpc`,
		payload: notify(
			PLUG,
			{
				ts: 1_790_000_000,
				"switch:0": {
					id: 0,
					output: true,
					apower: 0,
					voltage: 231.2,
					aenergy: { total: 1500.5, by_minute: [1, 2] },
					temperature: { tC: 41.5, tF: 106.7 },
				},
				"temperature:100": { id: 100, tC: 22.25, tF: 72 },
				sys: { mac: "8CBFEA9BD0E8", uptime: 60 },
				wifi: { rssi: -60 },
			},
			"NotifyFullStatus",
		),
		expect: [
			{
				device: PLUG,
				readings: {
					"switch:0.output": true,
					"switch:0.apower": [0, "W"],
					"switch:0.voltage": [231.2, "V"],
					"switch:0.aenergy.total": [1500.5, "Wh"],
					"switch:0.temperature.tC": [41.5, "C"],
					"temperature:100.tC": [22.25, "C"],
				},
				info: { mac: "8CBFEA9BD0E8" },
			},
		],
	},
	{
		about: "seconds since it was switched on are no time",
		topic: `${PLUG}/events/rpc`,
		payload: notify(PLUG, { ts: 12.4, "switch:0": { id: 0, output: false } }),
		expect: [{ device: PLUG, readings: { "switch:0.output": false }, ts: null, unusableClock: "since-boot" }],
	},
	{
		about: "the identity is src, whatever the topic's prefix is",
		after: [{ topic: "power/hall/plug-7/events/rpc", payload: notify(PLUG, { ts: 1_790_000_000 }) }],
		topic: "power/hall/plug-7/status/switch:0",
		payload: '{"id":0,"output":true,"voltage":null}',
		expect: [{ device: PLUG, readings: { "switch:0.output": true } }],
	},
	{ about: "the last will", topic: `${PLUG}/online`, payload: "false", expect: [{ device: PLUG, status: "offline" }] },
	{ about: "another dialect's word for online", topic: "plant/online", payload: "yes, really", expect: null },
	{
		about: "power that flows backwards",
		topic: "shellyemg3-dcb4d9c564f4/status/em1:1",
		payload: '{"id":1,"voltage":230,"current":4.5,"act_power":-1012.5,"pf":0.98}',
		expect: [
			{
				device: "shellyemg3-dcb4d9c564f4",
				readings: { "em1:1.act_power": [-1012.5, "W"], "em1:1.voltage": [230, "V"], "em1:1.current": [4.5, "A"], "em1:1.pf": [0.98, "1"] },
			},
		],
	},
	{
		about: "three phases",
		topic: "shellypro3em-08f9e0e5c2b4/status/em:0",
		payload:
			'{"id":0,"a_voltage":229.5,"a_act_power":1200,"b_act_power":-5.5,"c_act_power":0,"total_act_power":1194.5,"n_current":null,"user_calibrated_phase":[]}',
		expect: [
			{
				device: "shellypro3em-08f9e0e5c2b4",
				readings: {
					"em:0.a_voltage": [229.5, "V"],
					"em:0.a_act_power": [1200, "W"],
					"em:0.b_act_power": [-5.5, "W"],
					"em:0.c_act_power": [0, "W"],
					"em:0.total_act_power": [1194.5, "W"],
				},
			},
		],
	},
	{
		about: "smoke",
		topic: "shellyplussmoke-a1b2c3d4e5f6/events/rpc",
		payload: notify("shellyplussmoke-a1b2c3d4e5f6", { ts: 1_790_000_000, "smoke:0": { id: 0, alarm: true, mute: false } }),
		expect: [{ device: "shellyplussmoke-a1b2c3d4e5f6", readings: { "smoke:0.alarm": true } }],
	},
	{
		about: "a sensor on external power, whose battery says nothing",
		topic: "shellyplusht-c049ef8bc088/status/devicepower:0",
		payload: '{"id":0,"battery":{"V":null,"percent":0},"external":{"present":true}}',
		expect: [
			{ device: "shellyplusht-c049ef8bc088", readings: { "devicepower:0.battery.percent": [0, "%"], "devicepower:0.external.present": true } },
		],
	},
	{ about: "the state of its cloud", topic: `${PLUG}/status/mqtt`, payload: '{"connected":true}', expect: [] },
	{
		about: "a button, which is no status",
		topic: `${PLUG}/events/rpc`,
		payload: JSON.stringify({
			src: PLUG,
			method: "NotifyEvent",
			params: { ts: 1_790_000_000, events: [{ component: "input:0", event: "single_push" }] },
		}),
		expect: [{ device: PLUG }],
	},
	{ about: "a notification of nobody", topic: "x/events/rpc", payload: "{}", expect: [{ device: "x", refused: "wrong-shape" }] },
	{ about: "no JSON", topic: `${PLUG}/events/rpc`, payload: '{"src":', expect: [{ device: PLUG, refused: "not-json" }] },
	{
		about: "Gen1: a relay",
		topic: "shellies/shelly1-8CAAB5/relay/0",
		payload: "on",
		expect: [{ device: "shelly1-8CAAB5", readings: { "relay/0": true } }],
	},
	{
		about: "Gen1: energy in watt minutes",
		topic: "shellies/shelly1pm-8CAAB5/relay/0/energy",
		payload: "120",
		expect: [{ device: "shelly1pm-8CAAB5", readings: { "relay/0/energy": [120, "Wmin"] } }],
	},
	{
		about: "Gen1: the prefix typed twice",
		topic: "shellies/shellies/em3/emeter/2/voltage",
		payload: "230.35",
		expect: [{ device: "em3", readings: { "emeter/2/voltage": [230.35, "V"] } }],
	},
	{
		about: "Gen1: an open door",
		topic: "shellies/door1/sensor/state",
		payload: "open",
		expect: [{ device: "door1", readings: { "sensor/state": true } }],
	},
	...["sensor/tilt", "sensor/lux", "sensor/battery", "sensor/vibration"].map((path) => ({
		about: `Gen1: -1 of ${path} is not known`,
		topic: `shellies/door1/${path}`,
		payload: "-1",
		expect: [],
	})),
	{ about: "Gen1: a contact that doesn't know", topic: "shellies/door1/sensor/state", payload: "unknown", expect: [] },
	{ about: "Gen1: 999 °C is no probe", topic: "shellies/ht1/ext_temperature/0", payload: "999", expect: [] },
	{ about: "Gen1: no number", topic: "shellies/ht1/sensor/temperature", payload: "nan", expect: [{ device: "ht1", refused: "wrong-type" }] },
	{
		about: "Gen1: it introduces itself",
		topic: "shellies/announce",
		payload: '{"id":"shelly1-8CAAB5","model":"SHSW-1","mac":"8CAAB54B98DF","ip":"10.0.0.7","new_fw":false,"fw_ver":"20230913/v1.14"}',
		expect: [{ device: "shelly1-8CAAB5", info: { model: "SHSW-1", mac: "8CAAB54B98DF", ip: "10.0.0.7", fw_ver: "20230913/v1.14" } }],
	},
	{ about: "Gen1: a command to it", topic: "shellies/shelly1-8CAAB5/relay/0/command", payload: "off", expect: [] },
];
