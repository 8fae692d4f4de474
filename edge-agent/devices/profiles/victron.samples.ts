import type { Sample } from "./sample.ts";

const PORTAL = "c0619ab7711e";
const KEEPALIVE = `R/${PORTAL}/keepalive`;
const at = (path: string) => `N/${PORTAL}/${path}`;
const before = [{ topic: at("system/0/Dc/Battery/Power"), payload: '{"value":1}' }];

export const samples: readonly Sample[] = [
	{
		about: "power, and it is asked to go on",
		topic: at("grid/30/Ac/L2/Power"),
		payload: '{"value":-412.5}',
		expect: [{ device: `${PORTAL}/grid/30`, readings: { "Ac/L2/Power": [-412.5, "W"] } }],
		sends: [KEEPALIVE],
	},
	{
		about: "a battery's charge; it has just been asked",
		after: before,
		topic: at("battery/512/Soc"),
		payload: '{"value": 87.5}',
		expect: [{ device: `${PORTAL}/battery/512`, readings: { Soc: [87.5, "%"] } }],
	},
	{
		about: "seconds to go",
		after: before,
		topic: at("battery/512/TimeToGo"),
		payload: '{"value":3600}',
		expect: [{ device: `${PORTAL}/battery/512`, readings: { TimeToGo: [3600, "s"] } }],
	},
	{
		about: "a number without a unit",
		after: before,
		topic: at("vebus/276/State"),
		payload: '{"value":3}',
		expect: [{ device: `${PORTAL}/vebus/276`, readings: { State: 3 } }],
	},
	{
		about: "not known",
		after: before,
		topic: at("temperature/21/Temperature"),
		payload: '{"value":null}',
		expect: [{ device: `${PORTAL}/temperature/21` }],
	},
	{
		about: "gone",
		after: before,
		topic: at("temperature/21/Temperature"),
		payload: "",
		expect: [{ device: `${PORTAL}/temperature/21`, status: "offline" }],
	},
	{
		about: "what it is",
		after: before,
		topic: at("battery/512/ProductName"),
		payload: '{"value":"SmartShunt 500A/50mV"}',
		expect: [{ device: `${PORTAL}/battery/512`, info: { model: "SmartShunt 500A/50mV" } }],
	},
	{ about: "a setting", after: before, topic: at("settings/0/Settings/Gui/DisplayOff"), payload: '{"value":0,"min":0,"max":1}', expect: [] },
	{
		about: "no value at all",
		after: before,
		topic: at("grid/30/Ac/Power"),
		payload: '{"max":1}',
		expect: [{ device: `${PORTAL}/grid/30`, refused: "wrong-shape" }],
	},
	{
		about: "portals of the site file are asked too",
		addresses: ["0011aabbccdd/battery/1"],
		topic: at("grid/30/Ac/Power"),
		payload: '{"value":5}',
		expect: [{ device: `${PORTAL}/grid/30`, readings: { "Ac/Power": [5, "W"] } }],
		sends: [KEEPALIVE, "R/0011aabbccdd/keepalive"],
	},
];
