/**
 * esp-rfid, a door controller of one door on an ESP8266. It has no event numbers, sends an unknown tag twice, drops leading zeros of UIDs, and
 * tells the time since it was switched on as long as it has no other.
 */
import type { Card } from "../../../contracts/native-dialect.ts";
import type { DeviceMessage } from "../device-source.ts";
import { cardOfUid } from "./card-uid.ts";
import { clockOf, type DeviceTime, NO_TIME, secondsTime } from "./device-time.ts";
import { booleanOf, type JsonObject, momentOf, numberOf, objectOf, own, said, statusOf, wordOf } from "./payload.ts";
import { type Decode, type Decoded, type DecodedAccessEvent, type DecodedDoorEvent, type Profile, refused } from "./profile.ts";

/** What the access words mean; all others refuse. */
const GRANTED: ReadonlySet<string> = new Set(["always", "admin", "1", "99"]);
const DENIALS: Readonly<Record<string, string>> = {
	disabled: "denied-credential-inactive",
	expired: "denied-expired",
	"0": "denied-credential-inactive",
};
/** Door events are free text: the beginning of `desc` counts, in whichever `src`. */
const DOOR_TEXTS: readonly (readonly [RegExp, DecodedDoorEvent["state"]])[] = [
	[/^door (?:was )?tamper/i, "tamper"],
	[/^door (?:was )?forced/i, "forced"],
	[/^door (?:still |has been |is )?(?:held |left )?open (?:too|for)|^door not closed|^door held/i, "held"],
	[/^door open(?:ed)?\b/i, "open"],
	[/^door closed?\b/i, "closed"],
];
/** Other happenings, told at the moment. */
const MOMENTS: readonly (readonly [RegExp, string])[] = [
	[/^doorbell/i, "doorbell"],
	[/log (?:has been |was )?cleared/i, "log-cleared"],
];
const UNKNOWN_TAG = /^unknown rfid tag/i;

export const espRfid: Profile = {
	id: "esp-rfid",
	title: "esp-rfid",
	base: "/rfid",
	topics: (base) => [base, `${base}/sync`, `${base}/send`, `${base}/tag`],
	owner: () => null,
	decoder: ({ base }) => decoder(base),
	page: {
		about:
			"Set *MQTT* in the web interface to the agent's broker, with *Enable sync* and *Log every event*. One topic serves all controllers below it.",
		address: "`hostname` (firmware 2), or the `door` name (firmware 1), or where neither is said the topic.",
		channels: [
			["the door at which it stands", "access and door events"],
			["`doorbell`, `log-cleared`", "true for the moment in which it happens"],
		],
		ignores: ["names of card holders, which are not for the wire", "start-up, network and database messages"],
		example: `agents:
  - { id: agent-1, name: Edge agent 1, dialects: [{ profile: esp-rfid, base: building/rfid }] }
# and in a room
- id: store-reader
  kind: door-controller
  profile: esp-rfid
  address: store-door`,
	},
};

function decoder(base: string): Decode {
	return (message) => {
		const fallback = base.replace(/^\/+/, "") || "esp-rfid";
		const read = objectOf(message, fallback);
		if ("refusal" in read) return read.refusal;
		const { body } = read;
		const device = wordOf(body.hostname) ?? wordOf(body.door) ?? fallback;
		const seconds = numberOf(body.time);
		const time = seconds === null ? NO_TIME : secondsTime(seconds);
		const type = typeof body.type === "string" ? body.type.toLowerCase() : null;
		if (type === "heartbeat" || type === "boot") {
			const ip = wordOf(body.ip, 64);
			return [{ ...statusOf(device, true, time.ts), ...clockOf(time), ...(ip !== null && { info: { ip } }) }];
		}
		if (type === "access" || (type === null && body.uid !== undefined && body.access !== undefined)) return swipe(device, body, time);
		if (type === "info" || type === "warn" || type === "error") return happening(device, body, time, message);
		return [];
	};
}

function swipe(device: string, body: JsonObject, time: DeviceTime): readonly Decoded[] {
	const uid = wordOf(body.uid, 40);
	const card = uid === null ? null : cardOfUid(uid);
	if (card === null) return refused(device, "wrong-shape", "uid: expected up to 20 hexadecimal digits");
	const word = (wordOf(body.access, 32) ?? "").toLowerCase();
	const known = booleanOf(body.isKnown) ?? true;
	const granted = known && GRANTED.has(word);
	const reason = granted ? "granted" : known ? (own(DENIALS, word) ?? "denied-no-rights") : "denied-unknown-credential";
	return [said(device, { events: [access(card, granted, reason, time, keyOf(card, body.time))], ...clockOf(time) })];
}

function happening(device: string, body: JsonObject, time: DeviceTime, { receivedAt }: DeviceMessage): readonly Decoded[] {
	const text = wordOf(body.desc) ?? "";
	if (UNKNOWN_TAG.test(text)) {
		const card = cardOfUid((wordOf(body.data) ?? "").split(" ", 1)[0] ?? "");
		return card === null
			? []
			: [said(device, { events: [access(card, false, "denied-unknown-credential", time, keyOf(card, body.time))], ...clockOf(time) })];
	}
	const state = DOOR_TEXTS.find(([pattern]) => pattern.test(text))?.[1];
	if (state !== undefined) return [said(device, { events: [{ type: "door", seq: null, door: null, state, ts: time.ts }], ...clockOf(time) })];
	const channel = MOMENTS.find(([pattern]) => pattern.test(text))?.[1];
	if (channel === undefined) return [said(device, {})];
	return [said(device, { readings: momentOf(channel, time.ts ?? receivedAt), ...clockOf(time) })];
}

function access(card: Card, granted: boolean, reason: string, { ts }: DeviceTime, repeats: { key?: string }): DecodedAccessEvent {
	return {
		type: "access",
		seq: null,
		door: null,
		direction: null,
		method: "card",
		card,
		fingerprint: null,
		result: granted ? "granted" : "denied",
		reason,
		ts,
		...repeats,
	};
}

/** The same tag at the same second of the device's clock is the same swipe; without a clock nobody can tell. */
const keyOf = ({ number }: Card, time: unknown): { key?: string } => (numberOf(time) === null ? {} : { key: `${number}@${String(time)}` });
