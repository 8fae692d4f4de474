/** What the server says in English, in the page's language: found by code, with the server's own words as fall-back. */
import { useTranslation } from "react-i18next";
import type { Alarm } from "../../../contracts/api.ts";
import type { ChangeView } from "../../../contracts/changes.ts";
import { ProblemError } from "../api/problem-error.ts";
import { isOwn } from "../live/alarm-book.ts";

export interface ServerWords {
	/** Of the server's own alarms, by rule: name, cause, consequence, action. */
	rules: Readonly<Record<string, readonly [name: string, cause: string, consequence: string, action: string]>>;
	/** By kind of change. */
	changes: Readonly<Record<string, string>>;
	/** By a problem's code; the server's own words follow those that end with a colon. */
	problems: Readonly<Record<string, string>>;
	/** What was expected of a field. */
	fields: Sentences;
	/** What the server's own alarms say; the first that fits counts. */
	own: Sentences;
	/** What alarms of rules say; the first that fits counts. */
	messages: Sentences;
	/** States of points, with which such a message may end. */
	states: Readonly<Record<string, string>>;
	/** What became of a try to deliver a notification. */
	deliveries: Sentences;
}
/** The server's sentence and this language's, with `{{1}}`, `{{2}}` where values stand, in the server's order; `{{#2}}` is a number with its unit. */
type Sentences = Readonly<Record<string, string>>;

type AlarmWords = Pick<Alarm, "ruleName" | "cause" | "consequence" | "action" | "message">;

/** Words of an alarm; those of rules of the site file are the site's own, but for the message. */
export function alarmWords(words: ServerWords | null, alarm: AlarmWords & Pick<Alarm, "rule" | "point">): AlarmWords {
	const known = isOwn(alarm) ? words?.rules[alarm.rule] : undefined;
	if (!known) return isOwn(alarm) ? alarm : { ...alarm, message: messageText(words, alarm.message) };
	const [ruleName, cause, consequence, action] = known;
	const said = sentence(words?.own, alarm.message);
	return { ruleName, cause, consequence, action, message: said === alarm.message ? `${ruleName} — ${said}` : said };
}

/** Title of a change: its kind, then the server's line, which has the values. */
export function changeTitle(words: ServerWords | null, { kind, title }: Pick<ChangeView, "kind" | "title">): string {
	const known = words?.changes[kind];
	return known === undefined ? title : `${known} — ${title}`;
}

/** What went wrong, whatever was thrown. */
export function problemText(words: ServerWords | null, error: unknown): string {
	const known = error instanceof ProblemError ? words?.problems[error.code] : undefined;
	const said = error instanceof Error ? error.message : String(error);
	if (known === undefined) return said;
	return known.endsWith("：") ? known + said : known;
}

/** What was expected of a field. */
export const fieldText = (words: ServerWords | null, message: string): string => sentence(words?.fields, message);
/** What an alarm of a rule says. */
export function messageText(words: ServerWords | null, message: string): string {
	const [, point, state = ""] = /^(.+): (\S+)$/.exec(message) ?? [];
	const known = words !== null && Object.hasOwn(words.states, state) ? words.states[state] : undefined;
	return known === undefined ? sentence(words?.messages, message) : `${point}：${known}`;
}
/** What became of the tries to deliver. */
export function deliveryText(words: ServerWords | null, reason: string): string {
	const parts = reason.split(/(; given up after \d+ tries)$/);
	return parts.map((part) => sentence(words?.deliveries, part)).join("");
}

function sentence(sentences: Sentences = {}, message: string): string {
	for (const [said, known] of Object.entries(sentences)) {
		const pattern = said
			.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&")
			.replaceAll(/\{\{\d\}\}/g, "(.+)")
			.replaceAll(/\{\{#\d\}\}/g, "(-?[\\d.]+(?: \\S+)?)");
		const found = new RegExp(`^${pattern}$`, "s").exec(message);
		if (found) return known.replaceAll(/\{\{#?(\d)\}\}/g, (_, at: string) => found[Number(at)] ?? "");
	}
	return message;
}

/** The words of the page's language; `null` in English, which the server speaks. */
export function useServerWords(): ServerWords | null {
	const { i18n } = useTranslation();
	if (i18n.language === "en") return null;
	const words: ServerWords | undefined = i18n.getResourceBundle(i18n.language, "server");
	return words ?? null;
}
