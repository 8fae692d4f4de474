/** What people read: one text for each channel, from what is recorded of a notification. Pure. */
import type { Priority } from "../../contracts/kinds.ts";
import type { Language } from "../../contracts/notification-policy.ts";
import type { FedAlarm } from "../alarms/alarm-feed.ts";
import { names } from "./device-name.ts";
import { MESSAGE_WORDS, type MessageWords } from "./message-words.ts";
import { type Call, isOver } from "./page.ts";

/** An alarm as a notification tells of it; times are Unix ms. */
export interface ToldAlarm {
	id: string;
	occurrence: number;
	rule: string;
	ruleName: string;
	point: string;
	/** See `deviceName`; what was told by earlier versions doesn't say. */
	device?: string | null;
	location: string;
	priority: Priority;
	raisedAt: number;
	/** `null`: it goes on; what was told by earlier versions doesn't say. */
	clearedAt?: number | null;
	/** It was still going on when the message was made, and is over now. */
	returned?: boolean;
	message: string;
	cause: string;
	consequence: string;
	action: string;
}
export interface Message {
	/** Id of the notification. */
	notification: string;
	/** Id of the first that the receiver was told of the same: what belongs together has the same. */
	thread: string;
	kind: Call;
	priority: Priority;
	/** The most important first; not more than the first {@link MOST_TOLD} of `count`. */
	alarms: readonly ToldAlarm[];
	count: number;
	site: string;
	/** Address of the dashboard. */
	dashboard: string;
	/** Where a test alarm is confirmed; `null` for others. */
	confirm: string | null;
	timeZone: string;
	language: Language;
}

export const MOST_TOLD = 50;
/** Alarms spelled out in a mail. */
const MOST_LISTED = 20;
/** What fits into two text messages. */
const SMS_LENGTH = 300;

/** What a message that goes out late says of its alarms, by what they are now: who reads that one was raised reads as well that it is over. */
export function asOfNow(told: readonly ToldAlarm[], now: ReadonlyMap<string, FedAlarm>): ToldAlarm[] {
	return told.map((one) => {
		const alarm = now.get(one.id);
		return alarm && isOver(alarm) ? { ...one, clearedAt: alarm.clearedAt, returned: true } : one;
	});
}

/** One line. */
export function subjectOf(message: Message): string {
	const { kind, priority, alarms, count, confirm } = message;
	const words = wordsOf(message);
	const [first] = alarms;
	if (confirm !== null) return words.testAlarm;
	const said = first ? saidOf(first, message) : "";
	const what = count === 1 ? said : words.several(count, placeOf(message), said);
	const tag = kind === "resolved" ? words.resolved : words.priorities[priority];
	const call = count === alarms.length && alarms.every(({ returned }) => returned) ? words.returned : words.calls[kind];
	return oneLine(`[${tag}] ${call}${what}`, 200);
}

/** Plain text. */
export function textOf(message: Message): string {
	const { alarms, count, confirm } = message;
	const words = wordsOf(message);
	const told = alarms
		.slice(0, MOST_LISTED)
		.map((alarm) =>
			[
				`${words.priorities[alarm.priority]}  ${saidOf(alarm, message)}`,
				`  ${whereAndWhen(alarm, message)}`,
				...factsOf(alarm, message).map(([name, text]) => `  ${name}${words.colon}${text}`),
			].join("\n"),
		);
	const more = count > told.length ? [words.more(count - told.length)] : [];
	return [subjectOf(message), ...told, ...more, confirm === null ? linkOf(message) : `${words.confirm}${words.colon}${confirm}`, ""].join("\n\n");
}

/** The same as HTML that every mail program shows. */
export function htmlOf(message: Message): string {
	const { alarms, count, confirm, language } = message;
	const words = wordsOf(message);
	const rows = alarms.slice(0, MOST_LISTED).map((alarm) => {
		const told = factsOf(alarm, message).map(([name, text]) => `<div><b>${name}</b> ${escaped(text)}</div>`);
		const place = escaped(whereAndWhen(alarm, message));
		return `<li style="margin:0 0 12px"><b>${words.priorities[alarm.priority]}</b> ${escaped(saidOf(alarm, message))}<div>${place}</div>${told.join("")}</li>`;
	});
	const more = count > rows.length ? `<p>${words.more(count - rows.length)}</p>` : "";
	const link = confirm === null ? [linkOf(message), count === 1 ? words.openOne : words.openList] : [confirm, words.confirm];
	return `<!doctype html><html lang="${language}"><body style="font-family:sans-serif;color:#222"><h1 style="font-size:18px">${escaped(subjectOf(message))}</h1><ul style="padding-left:18px">${rows.join("")}</ul>${more}<p><a href="${escaped(link[0] ?? "")}">${link[1]}</a></p></body></html>`;
}

/** At most {@link SMS_LENGTH} characters. */
export function shortTextOf(message: Message): string {
	if (message.confirm !== null) return `${wordsOf(message).shortTest}${message.confirm}`;
	const todo = message.kind === "resolved" ? "" : (message.alarms[0]?.action ?? "");
	return oneLine(`${subjectOf(message)} (${placeOf(message)}) ${todo}`, SMS_LENGTH);
}

const wordsOf = ({ language }: Message): MessageWords => MESSAGE_WORDS[language];

/** What an alarm is about and what to do; what is over needs no doing. */
function factsOf({ cause, consequence, action }: ToldAlarm, message: Message): [string, string][] {
	const words = wordsOf(message);
	const facts: [string, string][] = [
		[words.cause, cause],
		[words.consequence, consequence],
		[words.action, action],
	];
	return message.kind === "resolved" ? [] : facts.filter(([, text]) => text !== "");
}

function whereAndWhen({ ruleName, location, raisedAt, clearedAt, returned }: ToldAlarm, message: Message): string {
	const { comma, times } = wordsOf(message);
	const until = (message.kind === "resolved" || returned) && clearedAt != null ? timeOf(clearedAt, message) : null;
	return [ruleName, location, times(timeOf(raisedAt, message), until)].join(comma);
}

/** What an alarm says, after the device that it says it of. */
function saidOf({ device, message: said }: ToldAlarm, message: Message): string {
	return device == null || names(said, device) ? said : `${device}${wordsOf(message).colon}${said}`;
}

/** Where the dashboard shows the alarm; for several, the list. */
export function linkOf({ dashboard, alarms: [first], count }: Message): string {
	return `${dashboard}/alarms${first && count === 1 ? `?alarm=${encodeURIComponent(first.id)}` : ""}`;
}

function placeOf({ alarms }: Message): string {
	return alarms[0]?.location ?? "";
}
function timeOf(at: number, message: Message): string {
	return new Intl.DateTimeFormat(wordsOf(message).locale, { timeZone: message.timeZone, dateStyle: "medium", timeStyle: "long" }).format(at);
}
function oneLine(text: string, longest: number): string {
	const line = text.replace(/\s+/g, " ").trim();
	return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
