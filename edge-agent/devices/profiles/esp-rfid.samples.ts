import type { Sample } from "./sample.ts";

const TIME = 1_790_000_000;
const TS = TIME * 1000;
const send = (fields: object) =>
	JSON.stringify({
		cmd: "log",
		type: "access",
		time: TIME,
		isKnown: "true",
		access: "Always",
		username: "Somebody",
		uid: "0a1b2c3d",
		hostname: "store-door",
		...fields,
	});
const says = (src: string, desc: string, fields: object = {}) =>
	JSON.stringify({ cmd: "event", type: "WARN", src, desc, data: "", time: TIME, hostname: "store-door", ...fields });
const SEND = "/rfid/send";
const CARD = { format: "UID", facility: 0, number: 0x0a1b2c3d };

export const samples: readonly Sample[] = [
	{
		about: "a known tag",
		topic: SEND,
		payload: send({}),
		expect: [
			{
				device: "store-door",
				events: [
					{ type: "access", seq: null, door: null, direction: null, card: CARD, result: "granted", reason: "granted", key: `${CARD.number}@${TIME}` },
				],
				ts: TS,
			},
		],
	},
	{
		about: "an unknown tag, told by the log and by an event: one swipe",
		topic: SEND,
		payload: says("rfid", "Unknown rfid tag is scanned", { data: "a1b2c3d MIFARE 1KB" }),
		expect: [
			{ device: "store-door", events: [{ result: "denied", reason: "denied-unknown-credential", card: CARD, key: `${CARD.number}@${TIME}` }] },
		],
	},
	{
		about: '"false" is no truth',
		topic: SEND,
		payload: send({ isKnown: "false", access: "Denied", uid: "a1b2c3d" }),
		expect: [{ device: "store-door", events: [{ result: "denied", reason: "denied-unknown-credential", key: `${CARD.number}@${TIME}` }] }],
	},
	{
		about: "a tag that is switched off",
		topic: SEND,
		payload: send({ access: "Disabled" }),
		expect: [{ device: "store-door", events: [{ result: "denied", reason: "denied-credential-inactive" }] }],
	},
	{
		about: "a swipe without a time, which nothing tells from the next one",
		topic: SEND,
		payload: send({ time: undefined }),
		expect: [{ device: "store-door", events: [{ result: "granted", ts: null, key: undefined }] }],
	},
	{
		about: "a tag of seven bytes",
		topic: SEND,
		payload: send({ uid: "04a2b3c4d5e6f7" }),
		expect: [{ device: "store-door", events: [{ card: { format: "UID", facility: 4, number: 0xa2b3c4d5e6f7 } }] }],
	},
	{
		about: "firmware 1: named by its door, the clock not set",
		topic: SEND,
		payload: JSON.stringify({ type: "access", time: 23_848, isKnown: "true", access: "Always", uid: "1", door: "14_Entry" }),
		expect: [{ device: "14_Entry", events: [{ result: "granted" }], ts: null, unusableClock: "since-boot" }],
	},
	{
		about: "no name at all: the topic",
		base: "hall/reader",
		topic: "hall/reader",
		payload: JSON.stringify({ type: "access", time: TIME, isKnown: "true", access: "Always", uid: "f9" }),
		expect: [{ device: "hall/reader", events: [{ result: "granted" }] }],
	},
	{
		about: "a heartbeat",
		topic: "/rfid/sync",
		payload: JSON.stringify({ type: "heartbeat", time: TIME, ip: "10.0.0.9", hostname: "store-door", uptime: 9 }),
		expect: [{ device: "store-door", status: "online", info: { ip: "10.0.0.9" } }],
	},
	{
		about: "the door opens",
		topic: SEND,
		payload: says("door", "Door Open", { type: "INFO" }),
		expect: [{ device: "store-door", events: [{ type: "door", door: null, state: "open" }] }],
	},
	{
		about: "the door closes",
		topic: SEND,
		payload: says("door", "Door Closed", { type: "INFO" }),
		expect: [{ device: "store-door", events: [{ type: "door", state: "closed" }] }],
	},
	{
		about: "the door is held open, told as tampering",
		topic: SEND,
		payload: says("tamper", "Door not closed"),
		expect: [{ device: "store-door", events: [{ type: "door", state: "held" }] }],
	},
	{
		about: "the door was tampered with",
		topic: SEND,
		payload: says("tamper", "Door was tampered!"),
		expect: [{ device: "store-door", events: [{ type: "door", state: "tamper" }] }],
	},
	{
		about: "the bell rings",
		topic: SEND,
		payload: says("doorbell", "Doorbell ringing", { type: "INFO" }),
		expect: [{ device: "store-door", readings: { doorbell: false } }],
	},
	{
		about: "its log was cleared",
		topic: SEND,
		payload: says("sys", "Latest Access log cleared!"),
		expect: [{ device: "store-door", readings: { "log-cleared": false } }],
	},
	{
		about: "something else that it says",
		topic: SEND,
		payload: says("wifi", "WiFi is connected", { type: "INFO" }),
		expect: [{ device: "store-door" }],
	},
	{ about: "a UID that is none", topic: SEND, payload: send({ uid: "token" }), expect: [{ device: "store-door", refused: "wrong-shape" }] },
	{ about: "JSON with a comma too many", topic: "/rfid/tag", payload: '{"uid":"1",}', expect: [{ device: "rfid", refused: "not-json" }] },
];
