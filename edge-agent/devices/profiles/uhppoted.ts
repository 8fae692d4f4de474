/**
 * UHPPOTE door controllers behind uhppoted's MQTT gateway. Its `events` come at least once and may lag, `events/live` comes once and at once: the
 * controller's own event number tells the two from each other and from their repetitions. Codes count, never texts, which are translated.
 */
import type { Card } from "../../../contracts/native-dialect.ts";
import type { DeviceMessage } from "../device-source.ts";
import { zoneTime } from "../zone-time.ts";
import { clockOf, type DeviceTime, NO_TIME } from "./device-time.ts";
import { isObject, type JsonObject, jsonOf, momentOf, readingOf, said, wordOf } from "./payload.ts";
import {
	type Decoded,
	type DecodedAccessEvent,
	type DecodedDoorEvent,
	type DecodedReading,
	type DecoderContext,
	type Profile,
	refused,
} from "./profile.ts";

/** Why a swipe was refused, by reason code (uhppoted, "event reasons"). */
const DENIALS: ReadonlyMap<number, string> = new Map([
	[6, "denied-no-rights"],
	[7, "denied-incorrect-factor"],
	[8, "denied-passback"],
	[9, "denied-too-few-cards"],
	[10, "denied-first-card"],
	[11, "denied-lockout"],
	[12, "denied-interlock"],
	[13, "denied-out-of-time"],
	[15, "denied-out-of-time"],
	[18, "denied-no-rights"],
]);
/** A push button that was pressed in vain. */
const BUTTON_DENIALS: ReadonlyMap<number, string> = new Map([
	[31, "denied-lockout"],
	[32, "denied-offline"],
	[33, "denied-interlock"],
	[34, "denied-threat"],
]);
const DOOR_STATES: ReadonlyMap<number, DecodedDoorEvent["state"]> = new Map([
	[23, "open"],
	[24, "closed"],
	[25, "open"],
	[37, "held"],
	[38, "forced"],
	[40, "tamper"],
]);
/** Conditions of the whole controller, told at the moment in which they begin. */
const CONDITIONS: ReadonlyMap<number, string> = new Map([
	[28, "power-on"],
	[29, "reset"],
	[39, "fire"],
	[41, "theft-prevention"],
	[42, "zone-24h"],
	[43, "emergency"],
]);
const BUTTON = 20;
const REMOTE = new Set([44, 45]);

export const uhppoted: Profile = {
	id: "uhppoted",
	title: "UHPPOTE controllers (uhppoted MQTT gateway)",
	base: "uhppoted",
	topics: (base) => [`${base}/gateway/events`, `${base}/gateway/events/live`, `${base}/reply/#`],
	owner: () => null,
	decoder: (context) => (message) => decode(message, (address) => context.timeZone(address)),
	page: {
		about:
			"Run `uhppoted-mqtt` against the agent's broker without encryption on this line (use TLS), and give it `TZ=UTC`. In another zone it writes its times with the zone's abbreviation (`12:00:00 CEST`): they are true where that is what the clocks of the device's `timeZone` show at that moment, also in the hour that they show twice; it is the site's zone where the device names none. Otherwise the time of receipt counts, and the device's page says so.",
		address: "The controller's serial number, such as `405419896`.",
		channels: [
			["doors `1` to `4`", "access and door events; a door of the site file names its controller and, as `source`, this number"],
			["`1.open`, `1.button`", "from answers to `get-status`: true or false"],
			["`fire`, `emergency`, `theft-prevention`, `zone-24h`, `power-on`, `reset`", "true for the moment in which it happens"],
		],
		ignores: [
			"answers to other requests",
			"the last event that `get-status` repeats, when its number is known",
			"encrypted events: they are refused with that reason",
		],
		example: `- id: hall-a-controller
  kind: door-controller
  profile: uhppoted
  address: "405419896"
  timeZone: Europe/Berlin # only where it isn't the site's
# and among the doors
- { id: hall-a-door, name: Hall A, from: corridor, to: hall-a, controller: hall-a-controller, source: "1", plan: { x: 4, y: 0 } }`,
	},
};

/** The zone of a controller's clock. */
type ZoneOf = DecoderContext["timeZone"];

function decode(message: DeviceMessage, zoneOf: ZoneOf): readonly Decoded[] {
	const parsed = jsonOf(message);
	const gateway = "uhppoted";
	if ("reason" in parsed) return refused(gateway, parsed.reason, parsed.detail);
	const body = isObject(parsed.json) && isObject(parsed.json.message) ? parsed.json.message : null;
	if (body === null) return refused(gateway, "wrong-shape", "message: expected an object");
	if (typeof body.event === "string") return refused(gateway, "wrong-shape", "message.event: expected an event in clear, got an encrypted one");
	if (isObject(body.event)) return eventParts(isObject(body.event.event) ? body.event.event : body.event, message, zoneOf);
	if (!isObject(body.reply) || !isObject(body.reply.response)) return [];
	const { response } = body.reply;
	const controller = wordOf(response["device-id"], 20);
	if (controller === null) return [];
	if (isObject(response.event)) return eventParts({ "device-id": response["device-id"], ...response.event }, message, zoneOf);
	if (Array.isArray(response.events))
		return response.events.flatMap((event) => (isObject(event) ? eventParts({ "device-id": controller, ...event }, message, zoneOf) : []));
	if (isObject(response.status)) return statusParts(controller, response.status, message, zoneOf);
	const model = wordOf(response["device-type"]);
	return [
		said(controller, model === null ? {} : { info: { model, ...(wordOf(response.version) !== null && { version: String(response.version) }) } }),
	];
}

function eventParts(event: JsonObject, { receivedAt }: DeviceMessage, zoneOf: ZoneOf): readonly Decoded[] {
	const controller = wordOf(event["device-id"], 20);
	if (controller === null) return refused("uhppoted", "wrong-shape", "device-id: expected the controller's serial number");
	const seq = wholeNumber(event["event-id"]);
	const type = wholeNumber(event["event-type"]);
	const reason = wholeNumber(event["event-reason"]);
	if (seq === null || type === null || reason === null)
		return refused(controller, "wrong-shape", "expected event-id, event-type and event-reason as whole numbers");
	const time: DeviceTime = typeof event.timestamp === "string" ? zoneTime(event.timestamp, zoneOf(controller)) : NO_TIME;
	const door = wordOf(event["door-id"], 4);
	const clock = clockOf(time);
	const state = DOOR_STATES.get(reason);
	if (state !== undefined && type !== 1)
		return [said(controller, door === null ? { numbers: [seq], ...clock } : { events: [{ type: "door", seq, door, state, ts: time.ts }], ...clock })];
	const condition = CONDITIONS.get(reason);
	// With its time, so that a controller whose numbers begin anew is heard.
	const key = `${seq}@${String(event.timestamp)}`;
	if (condition !== undefined) return [said(controller, { readings: momentOf(condition, time.ts ?? receivedAt), numbers: [seq], key, ...clock })];
	const access = door === null ? null : accessOf(event, type, reason);
	if (access === null) return [said(controller, { numbers: [seq], ...clock })];
	return [said(controller, { events: [{ ...access, seq, door, ts: time.ts }], ...clock })];
}

/** What kind of access it is; `null`: none. */
function accessOf(event: JsonObject, type: number, reason: number): Omit<DecodedAccessEvent, "seq" | "door" | "ts"> | null {
	const granted = event["access-granted"];
	if (typeof granted !== "boolean") return null;
	const direction = event.direction === 1 ? ("in" as const) : event.direction === 2 ? ("out" as const) : null;
	const common = { type: "access" as const, direction, card: null, fingerprint: null, result: granted ? ("granted" as const) : ("denied" as const) };
	if (reason === BUTTON || BUTTON_DENIALS.has(reason))
		return {
			...common,
			direction: direction ?? "out",
			method: "exit-button",
			reason: granted ? "granted" : (BUTTON_DENIALS.get(reason) ?? "denied-other"),
		};
	if (REMOTE.has(reason)) return { ...common, method: "remote", reason: granted ? "granted" : "denied-other" };
	const card = cardOf(event["card-number"]);
	// Alarms and doors of which the tables know nothing have no card.
	if (card === null || (type !== 1 && type !== 2)) return null;
	const method = "card" as const;
	return { ...common, card, method, reason: granted ? "granted" : (DENIALS.get(reason) ?? "denied-other") };
}

/** Facility code and number as the controller writes them of 26-bit cards: 81 and 65533 as 8165533. Beyond those ranges it is another format, whole. */
function cardOf(value: unknown): Card | null {
	const number = wholeNumber(value);
	if (number === null || number === 0) return null;
	const [facility, card] = [Math.floor(number / 100_000), number % 100_000];
	return facility <= 255 && card <= 65_535 ? { format: "H10301", facility, number: card } : { format: "UHPPOTE", facility: 0, number };
}

function statusParts(controller: string, status: JsonObject, message: DeviceMessage, zoneOf: ZoneOf): readonly Decoded[] {
	const readings: DecodedReading[] = [];
	for (const [field, channel] of [
		["door-states", "open"],
		["door-buttons", "button"],
	] as const) {
		const doors = status[field];
		if (isObject(doors))
			for (const door of ["1", "2", "3", "4"])
				if (typeof doors[door] === "boolean") readings.push(readingOf(`${door}.${channel}`, doors[door], channel === "open" ? "contact" : null));
	}
	const last = isObject(status.event) ? eventParts({ ...status.event, "device-id": controller }, message, zoneOf) : [];
	return [said(controller, { readings }), ...last.filter(({ refusal }) => refusal === null)];
}

function wholeNumber(value: unknown): number | null {
	return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
