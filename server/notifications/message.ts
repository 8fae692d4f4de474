/** What people read: one text for each channel, from what is recorded of a notification. Pure. */
import type { Priority } from "../../contracts/kinds.ts";
import type { Call } from "./page.ts";

/** An alarm as a notification tells of it; times are Unix ms. */
export interface ToldAlarm {
	id: string;
	occurrence: number;
	rule: string;
	ruleName: string;
	point: string;
	location: string;
	priority: Priority;
	raisedAt: number;
	message: string;
	cause: string;
	consequence: string;
	action: string;
}
export interface Message {
	/** Id of the notification. */
	notification: string;
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
}

export const MOST_TOLD = 50;
/** Alarms spelled out in a mail. */
const MOST_LISTED = 20;
/** What fits into two text messages. */
const SMS_LENGTH = 300;

const KIND: Readonly<Record<Call, string>> = { raised: "", escalated: "Nobody has answered: ", repeated: "Still not answered: " };

/** One line. */
export function subjectOf(message: Message): string {
	const { kind, priority, alarms, count, confirm } = message;
	const [first] = alarms;
	if (confirm !== null) return "Test alarm: please confirm";
	const what = count === 1 ? (first?.message ?? "") : `${count} alarms at ${placeOf(message)}, first ${first?.message ?? ""}`;
	return oneLine(`[${priority.toUpperCase()}] ${KIND[kind]}${what}`, 200);
}

/** Plain text. */
export function textOf(message: Message): string {
	const { alarms, count, dashboard, confirm } = message;
	const told = alarms
		.slice(0, MOST_LISTED)
		.map((alarm) =>
			[
				`${alarm.priority.toUpperCase()}  ${alarm.message}`,
				`  ${alarm.ruleName}, ${alarm.location}, since ${timeOf(alarm.raisedAt, message.timeZone)}`,
				...(alarm.cause ? [`  Cause: ${alarm.cause}`] : []),
				...(alarm.consequence ? [`  Consequence: ${alarm.consequence}`] : []),
				...(alarm.action ? [`  Action: ${alarm.action}`] : []),
			].join("\n"),
		);
	const more = count > told.length ? [`and ${count - told.length} more.`] : [];
	return [subjectOf(message), ...told, ...more, confirm === null ? `${dashboard}/alarms` : `Confirm that this reached you: ${confirm}`, ""].join(
		"\n\n",
	);
}

/** The same as HTML that every mail program shows. */
export function htmlOf(message: Message): string {
	const { alarms, count, dashboard, confirm } = message;
	const rows = alarms.slice(0, MOST_LISTED).map((alarm) => {
		const lines: [string, string][] = [
			["Cause", alarm.cause],
			["Consequence", alarm.consequence],
			["Action", alarm.action],
		];
		const told = lines.flatMap(([name, text]) => (text ? [`<div><b>${name}</b> ${escaped(text)}</div>`] : []));
		const place = `${alarm.ruleName}, ${alarm.location}, since ${timeOf(alarm.raisedAt, message.timeZone)}`;
		return `<li style="margin:0 0 12px"><b>${alarm.priority.toUpperCase()}</b> ${escaped(alarm.message)}<div>${escaped(place)}</div>${told.join("")}</li>`;
	});
	const more = count > rows.length ? `<p>and ${count - rows.length} more.</p>` : "";
	const link = confirm === null ? [`${dashboard}/alarms`, "Open the alarm list"] : [confirm, "Confirm that this reached you"];
	return `<!doctype html><html lang="en"><body style="font-family:sans-serif;color:#222"><h1 style="font-size:18px">${escaped(subjectOf(message))}</h1><ul style="padding-left:18px">${rows.join("")}</ul>${more}<p><a href="${escaped(link[0] ?? "")}">${link[1]}</a></p></body></html>`;
}

/** At most {@link SMS_LENGTH} characters. */
export function shortTextOf(message: Message): string {
	if (message.confirm !== null) return `Watchroom test alarm. Confirm: ${message.confirm}`;
	const first = message.alarms[0]?.action ? ` ${message.alarms[0].action}` : "";
	return oneLine(`${subjectOf(message)} (${placeOf(message)})${first}`, SMS_LENGTH);
}

function placeOf({ alarms }: Message): string {
	return alarms[0]?.location ?? "";
}
function timeOf(at: number, timeZone: string): string {
	return new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "long" }).format(at);
}
function oneLine(text: string, longest: number): string {
	const line = text.replace(/\s+/g, " ").trim();
	return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
