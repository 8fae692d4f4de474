import type { Sample } from "./sample.ts";

const event = (fields: object) =>
	JSON.stringify({ message: { event: { event: { "device-id": 303986753, "door-id": 2, timestamp: "2026-10-31 08:00:05 UTC", ...fields } } } });
const swipe = (fields: object) =>
	event({ "card-number": 10058400, "access-granted": true, direction: 1, "event-id": 71, "event-type": 1, "event-reason": 1, ...fields });
const reply = (response: object) =>
	JSON.stringify({ message: { reply: { "client-id": "x", method: "get", response: { "device-id": 303986753, ...response } } } });
const TS = Date.UTC(2026, 9, 31, 8, 0, 5);
const EVENTS = "uhppoted/gateway/events";
const CARD = { format: "H10301", facility: 100, number: 58_400 };

export const samples: readonly Sample[] = [
	{
		about: "a card that was let in",
		topic: EVENTS,
		payload: swipe({}),
		expect: [
			{
				device: "303986753",
				events: [{ type: "access", seq: 71, door: "2", direction: "in", method: "card", card: CARD, result: "granted", reason: "granted" }],
				ts: TS,
			},
		],
	},
	...(
		[
			[6, "denied-no-rights"],
			[7, "denied-incorrect-factor"],
			[8, "denied-passback"],
			[12, "denied-interlock"],
			[13, "denied-out-of-time"],
			// Codes that no table knows are no reason.
			[0, "denied-other"],
			[99, "denied-other"],
		] as const
	).map(
		([code, reason]): Sample => ({
			about: `a card refused with code ${code}`,
			topic: `${EVENTS}/live`,
			payload: swipe({ "access-granted": false, "event-reason": code, "event-reason-text": "verweigert", direction: 2 }),
			expect: [{ device: "303986753", events: [{ seq: 71, direction: "out", result: "denied", reason }] }],
		}),
	),
	{
		about: "a zone that isn't one: the time of receipt counts",
		topic: EVENTS,
		payload: swipe({ timestamp: "2026-10-31 16:00:05 CST" }),
		expect: [{ device: "303986753", events: [{ seq: 71 }], ts: null, unusableClock: "no-zone" }],
	},
	...(
		[
			["2026-07-01 10:00:05 CEST", Date.UTC(2026, 6, 1, 8, 0, 5)],
			["2026-10-25 02:30:00 CEST", Date.UTC(2026, 9, 25, 0, 30)],
			["2026-10-25 02:30:00 CET", Date.UTC(2026, 9, 25, 1, 30)],
			["2026-10-31 08:00:05 UTC", TS],
		] as const
	).map(
		([timestamp, ts]): Sample => ({
			about: `in the clocks of its zone: ${timestamp}`,
			topic: EVENTS,
			payload: swipe({ timestamp }),
			timeZone: "Europe/Berlin",
			expect: [{ device: "303986753", events: [{ seq: 71 }], ts }],
		}),
	),
	{
		about: "an abbreviation that its zone doesn't have at that moment",
		topic: EVENTS,
		payload: swipe({ timestamp: "2026-07-01 10:00:05 CET" }),
		timeZone: "Europe/Berlin",
		expect: [{ device: "303986753", events: [{ seq: 71 }], ts: null, unusableClock: "no-zone" }],
	},
	{
		about: "a card beyond 26 bits",
		topic: EVENTS,
		payload: swipe({ "card-number": 4_294_967_294 }),
		expect: [{ device: "303986753", events: [{ card: { format: "UHPPOTE", facility: 0, number: 4_294_967_294 } }] }],
	},
	{
		about: "the push button inside",
		topic: EVENTS,
		payload: event({ "event-id": 72, "event-type": 2, "event-reason": 20, "access-granted": true, "card-number": 0, direction: 0 }),
		expect: [{ device: "303986753", events: [{ type: "access", seq: 72, method: "exit-button", direction: "out", card: null, result: "granted" }] }],
	},
	{
		about: "opened from afar",
		topic: EVENTS,
		payload: event({ "event-id": 73, "event-type": 2, "event-reason": 44, "access-granted": true, "card-number": 0, direction: 1 }),
		expect: [{ device: "303986753", events: [{ method: "remote", result: "granted" }] }],
	},
	...(
		[
			[23, "open"],
			[24, "closed"],
			[37, "held"],
			[38, "forced"],
		] as const
	).map(
		([code, state]): Sample => ({
			about: `a door that is ${state}`,
			topic: EVENTS,
			payload: event({ "event-id": 80, "event-type": code > 30 ? 3 : 2, "event-reason": code, "access-granted": false, "card-number": 0 }),
			expect: [{ device: "303986753", events: [{ type: "door", seq: 80, door: "2", state }], ts: TS }],
		}),
	),
	{
		about: "fire, for the moment in which it is told",
		topic: EVENTS,
		payload: event({ "event-id": 81, "event-type": 3, "event-reason": 39, "access-granted": false }),
		expect: [{ device: "303986753", readings: { fire: false }, numbers: [81] }],
	},
	{
		about: "an event of which nothing is known leaves no gap",
		topic: EVENTS,
		payload: event({ "event-id": 82, "event-type": 255, "event-reason": 200 }),
		expect: [{ device: "303986753", numbers: [82] }],
	},
	{
		about: "the status of its doors, with the last event once more, which names no controller",
		topic: "uhppoted/reply/4711",
		payload: reply({
			status: {
				"door-states": { "1": true, "2": false, "3": false, "4": false },
				"door-buttons": { "1": false, "2": false, "3": false, "4": false },
				event: {
					"device-id": 0,
					"card-number": 10058400,
					"access-granted": true,
					"door-id": 1,
					direction: 1,
					"event-id": 70,
					"event-type": 1,
					"event-reason": 1,
				},
			},
		}),
		expect: [
			{
				device: "303986753",
				readings: {
					"1.open": true,
					"2.open": false,
					"3.open": false,
					"4.open": false,
					"1.button": false,
					"2.button": false,
					"3.button": false,
					"4.button": false,
				},
			},
			{ device: "303986753", events: [{ seq: 70, door: "1" }] },
		],
	},
	{
		about: "what it is",
		topic: "uhppoted/reply/4711",
		payload: reply({ "device-type": "UTO311-L04", version: "0892" }),
		expect: [{ device: "303986753", info: { model: "UTO311-L04", version: "0892" } }],
	},
	{
		about: "an answer that opens a door",
		topic: "uhppoted/reply/4711",
		payload: reply({ door: 4, opened: true }),
		expect: [{ device: "303986753" }],
	},
	{
		about: "an encrypted event",
		topic: EVENTS,
		payload: '{"message":{"event":"c2VjcmV0"}}',
		expect: [{ device: "uhppoted", refused: "wrong-shape" }],
	},
	{
		about: "an event without number",
		topic: EVENTS,
		payload: swipe({ "event-id": null }),
		expect: [{ device: "303986753", refused: "wrong-shape" }],
	},
	{
		about: "JSON with a comma missing",
		topic: "uhppoted/reply/1",
		payload: '{"message": {"reply": {"a": 1 "b": 2}}}',
		expect: [{ device: "uhppoted", refused: "not-json" }],
	},
];
