import type { Sample } from "./sample.ts";

const TOPIC = "plant/chiller/1/state";
const SWIPES = "doors/store/swipe";
const of = (about: string, payload: string, channels: readonly string[], readings: Record<string, number | boolean | string>): Sample => ({
	about,
	addresses: [TOPIC],
	channels,
	topic: TOPIC,
	payload,
	expect: [{ device: TOPIC, readings }],
});
const swipe = (about: string, codec: string, raw: unknown, events: NonNullable<NonNullable<Sample["expect"]>[number]["events"]>): Sample => ({
	about,
	addresses: [SWIPES],
	mapping: { card: "$.raw", codec, granted: "$.ok", event: "$.n" },
	topic: SWIPES,
	payload: JSON.stringify({ raw, ok: true, n: 7 }),
	expect: [{ device: SWIPES, events }],
});
const CARD = { format: "H10301", facility: 90, number: 324 };

export const samples: readonly Sample[] = [
	of(
		"numbers, flags and words by their paths",
		'{"water":{"supply temp":44.6},"run":1,"link":true,"mode":"auto","x":[3,"4.5"]}',
		["$.water['supply temp']", "$.run", "$.link", "$.mode", "$.x[1]"],
		{
			"$.water['supply temp']": 44.6,
			"$.run": 1,
			"$.link": true,
			"$.mode": "auto",
			"$.x[1]": 4.5,
		},
	),
	of("a path that leads nowhere is no value", '{"a":null,"b":"nan","c":{}}', ["$.a", "$.b", "$.c", "$.d"], {}),
	of("a path that is none is no value", '{"a":1}', ["$.[", "$.a"], { "$.a": 1 }),
	of("bare text", "21.5", ["$"], { $: 21.5 }),
	of("a bare word", "ON", ["$"], { $: "ON" }),
	{
		about: "the device's own time, and whether it is online",
		addresses: [TOPIC],
		channels: ["$.t"],
		mapping: { time: "$.at", online: "$.link" },
		topic: TOPIC,
		payload: '{"t":7,"at":"2026-10-31T08:00:00+08:00","link":"offline"}',
		expect: [{ device: TOPIC, readings: { "$.t": 7 }, status: "offline", ts: Date.UTC(2026, 9, 31) }],
	},
	{
		about: "a time without a zone",
		addresses: [TOPIC],
		channels: ["$.t"],
		mapping: { time: "$.at" },
		topic: TOPIC,
		payload: '{"t":7,"at":"2026-10-31 08:00:00"}',
		expect: [{ device: TOPIC, readings: { "$.t": 7 }, ts: null, unusableClock: "no-zone" }],
	},
	swipe("a card as Wiegand bits", "wiegand:H10301", "00101101000000001010001000", [
		{ card: CARD, seq: 7, result: "granted", reason: "granted", door: null },
	]),
	swipe("a card as hexadecimal digits with a header in front", "wiegand-hex:H10301", "2004140015", [
		{ card: { format: "H10301", facility: 10, number: 10 } },
	]),
	swipe("a card as an OSDP frame", "osdp:H10301", "53801000045000001a002d00a20051c0", [{ card: CARD }]),
	{
		about: "bits with wrong parity",
		addresses: [SWIPES],
		mapping: { card: "$.raw", codec: "wiegand:H10301" },
		topic: SWIPES,
		payload: '{"raw":"00000000000000000000000000"}',
		expect: [{ device: SWIPES, refused: "wrong-shape" }],
	},
	{
		about: "a card at a reader that only reads",
		addresses: [SWIPES],
		mapping: { card: "$.raw" },
		topic: SWIPES,
		payload: '{"raw":"0a1b2c3d"}',
		expect: [
			{
				device: SWIPES,
				events: [{ card: { format: "UID", facility: 0, number: 0x0a1b2c3d }, seq: null, result: "denied", reason: "denied-no-decision" }],
			},
		],
	},
	{
		about: "a message without a card",
		addresses: [SWIPES],
		mapping: { card: "$.raw" },
		topic: SWIPES,
		payload: '{"beat":1}',
		expect: [{ device: SWIPES }],
	},
	{ about: "broken JSON", addresses: [TOPIC], channels: ["$.a"], topic: TOPIC, payload: '{"a":', expect: [{ device: TOPIC, refused: "not-json" }] },
	{
		about: "deep JSON",
		addresses: [TOPIC],
		channels: ["$.a"],
		topic: TOPIC,
		payload: `${"[".repeat(100)}${"]".repeat(100)}`,
		expect: [{ device: TOPIC, refused: "wrong-shape" }],
	},
];
