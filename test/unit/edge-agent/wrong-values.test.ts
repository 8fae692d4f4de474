/** What a configured channel says and can't mean is refused by its name; what it doesn't know, and what nobody asks for, is no fault. */
import { expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { DeviceDirectory } from "../../../edge-agent/devices/device-directory.ts";
import { Dialects } from "../../../edge-agent/devices/dialects.ts";
import { Intake } from "../../../edge-agent/devices/intake.ts";
import type { Decoded } from "../../../edge-agent/devices/profiles/profile.ts";
import { PROFILES } from "../../../edge-agent/devices/profiles/registry.ts";

interface Message {
	profile: string;
	address: string;
	topic: string;
	payload: string;
}

/** What an agent makes of a message when the device has these channels; `seen`: what it lists as not configured. */
function take({ profile, address, topic, payload }: Message, channels: readonly string[], id: string | null = "d") {
	const [directory, readings, refusals, seen]: [DeviceDirectory, Reading[], string[], string[]] = [new DeviceDirectory(), [], [], []];
	const points = channels.map((source, index) => ({ point: `p${index}`, type: "number" as const, states: null, range: null, source }));
	const device = { kind: "power-meter" as const, profile, address, doors: [], controls: [], points };
	directory.replace({ version: "1", site: "s", devices: id === null ? [] : [{ ...device, id }] });
	const intake = new Intake({
		directory,
		dialects: new Dialects(PROFILES, directory),
		store: {
			add: (taken, _events, _marks, settle) => {
				readings.push(...taken);
				settle();
			},
		},
		refusals: { add: (by, _known, _message, { reason, detail }) => refusals.push(`${by} ${reason} ${detail}`) },
		seen: { add: (_, part: Decoded) => seen.push(part.device) },
	});
	intake.take({ topic, payload: Buffer.from(payload), receivedAt: Date.UTC(2026, 10, 1), retained: false }, () => undefined);
	return { values: readings.map(({ value }) => value), refusals, rejected: directory.device("d")?.state.rejected, seen };
}

const of = (profile: string, address: string, topic: string) => (channel: string, payload: (value: string) => string, expected: string) => ({
	profile,
	address,
	topic,
	channel,
	payload,
	expected,
});
const zigbee = of("zigbee2mqtt", "hall/leak-3", "zigbee2mqtt/hall/leak-3");
const nut = of("nut", "ups", "nut/ups");
const tasmota = of("tasmota", "plug", "tele/plug/SENSOR");
const bridged = of("tasmota", "0x4AD6", "tele/bridge/SENSOR");
const shelly = of("shelly", "shellyplus1pm-a8", "shellyplus1pm-a8/events/rpc");
const telegraf = of("telegraf", "pdu-1", "telegraf/pdu-1/snmp");
const rpc = (params: string) => `{"src":"shellyplus1pm-a8","method":"NotifyStatus","params":${params}}`;

const CHANNELS = [
	zigbee("voltage", (value) => `{"voltage":${value}}`, "a number"),
	zigbee("power_phase_b", (value) => `{"power_phase_b":${value}}`, "a number"),
	zigbee("water_leak", (value) => `{"water_leak":${value}}`, "true or false"),
	zigbee("contact", (value) => `{"contact":${value}}`, "true or false"),
	nut("battery.charge", (value) => `{"battery.charge":${value}}`, "a number"),
	nut("ups.status", (value) => `{"ups.status":${value}}`, "words of NUT, such as OL CHRG"),
	nut("ups.status.OB", (value) => `{"ups.status":${value}}`, "words of NUT, such as OL CHRG"),
	tasmota("ENERGY.Power", (value) => `{"ENERGY":{"Power":${value}}}`, "a number"),
	tasmota("ENERGY.Voltage.2", (value) => `{"ENERGY":{"Voltage":[230,${value}]}}`, "a number"),
	tasmota("SCD40.Temperature", (value) => `{"SCD40":{"Temperature":${value}}}`, "a number"),
	tasmota("Switch1", (value) => `{"Switch1":${value}}`, "true or false"),
	bridged("Water", (value) => `{"ZbReceived":{"0x4AD6":{"Device":"0x4AD6","Water":${value}}}}`, "true or false"),
	bridged("Temperature", (value) => `{"ZbReceived":{"0x4AD6":{"Device":"0x4AD6","Temperature":${value}}}}`, "a number"),
	shelly("switch:0.apower", (value) => rpc(`{"switch:0":{"apower":${value}}}`), "a number"),
	shelly("flood:0.alarm", (value) => rpc(`{"flood:0":{"alarm":${value}}}`), "true or false"),
	telegraf("pdu.power_watts", (value) => `{"name":"pdu","tags":{"agent_host":"pdu-1"},"fields":{"power_watts":${value}}}`, "a number"),
	of("victron", "c0/battery/512", "N/c0/battery/512/Dc/0/Voltage")("Dc/0/Voltage", (value) => `{"value":${value}}`, "a number"),
];

test.each(CHANNELS)(
	"$profile, $channel: a word that it can't mean is refused by its name, and no value comes of it",
	({ channel, payload, expected, ...from }) => {
		const { values, refusals, rejected } = take({ ...from, payload: payload('"banana"') }, [channel]);
		expect([values, refusals, rejected]).toEqual([[], [`d wrong-type ${channel}: expected ${expected}`], 1]);
	},
);

test.each(CHANNELS)("$profile, $channel: unknown is no value and no fault", ({ channel, payload, ...from }) => {
	for (const unknown of ["null", '""', '"unknown"', '"Unavailable"', '"nan"'])
		expect(take({ ...from, payload: payload(unknown) }, [channel])).toMatchObject({ values: [], refusals: [] });
});

test.each(CHANNELS)("$profile, $channel: nobody is told of a channel that nobody asks for", ({ payload, ...from }) => {
	expect(take({ ...from, payload: payload('"banana"') }, ["other"]).refusals).toEqual([]);
});

test.each([
	["a bare attribute", { profile: "zigbee2mqtt", address: "leak-3", topic: "zigbee2mqtt/leak-3/water_leak", payload: "banana" }, "water_leak"],
	["a number for yes or no", { profile: "zigbee2mqtt", address: "leak-3", topic: "zigbee2mqtt/leak-3", payload: '{"water_leak":5}' }, "water_leak"],
	["a topic for each variable", { profile: "nut", address: "ups", topic: "nut/ups/battery/charge", payload: "N/A" }, "battery.charge"],
	["a bare relay", { profile: "tasmota", address: "plug", topic: "stat/plug/POWER", payload: "banana" }, "POWER"],
	[
		"a component's status",
		{ profile: "shelly", address: "shelly-a8", topic: "shelly-a8/status/switch:0", payload: '{"output":"banana"}' },
		"switch:0.output",
	],
	[
		"line protocol",
		{ profile: "telegraf", address: "pdu-1", topic: "telegraf/pdu-1", payload: 'pdu,agent_host=pdu-1 power_watts="N/A"' },
		"pdu.power_watts",
	],
])("%s is read for what it can't mean as well", (_, message, channel) => {
	expect(take(message, [channel]).refusals).toEqual([expect.stringContaining(`d wrong-type ${channel}: expected `)]);
});

test("what can't be read makes no device to configure", () => {
	const message = { profile: "zigbee2mqtt", address: "s", topic: "zigbee2mqtt/s" };
	expect(take({ ...message, payload: '{"voltage":"abc","linkquality":80}' }, [], null).seen).toEqual([]);
	expect(take({ ...message, payload: '{"voltage":"abc","temperature":20}' }, [], null).seen).toEqual(["s"]);
});

test("a wrong value keeps none of the others back", () => {
	const message = { profile: "zigbee2mqtt", address: "s", topic: "zigbee2mqtt/s", payload: '{"temperature":21,"humidity":"wet"}' };
	expect(take(message, ["temperature", "humidity"])).toMatchObject({ values: [21], rejected: 1 });
});

test.each(["TOGGLE", "HOLD"])("a button that says %s tells no state and no fault", (action) => {
	const message = { profile: "tasmota", address: "plug", topic: "stat/plug/RESULT", payload: `{"Switch1":{"Action":"${action}"}}` };
	expect(take(message, ["Switch1"])).toMatchObject({ values: [], refusals: [] });
});
