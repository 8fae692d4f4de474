/** The words around what rules say, in each language that receivers can be written to in. */
import type { Priority } from "../../contracts/kinds.ts";
import type { Language } from "../../contracts/notification-policy.ts";
import type { Call } from "./page.ts";

export interface MessageWords {
	/** For dates. */
	locale: string;
	priorities: Readonly<Record<Priority, string>>;
	/** What stands before the message. */
	calls: Readonly<Record<Call, string>>;
	resolved: string;
	/** What stands before the message where it is over by the time at which the message goes out. */
	returned: string;
	several: (count: number, place: string, first: string) => string;
	more: (count: number) => string;
	/** From when, and until when where it is over. */
	times: (since: string, until: string | null) => string;
	/** Between parts of a line, and after a name. */
	comma: string;
	colon: string;
	cause: string;
	consequence: string;
	action: string;
	openList: string;
	openOne: string;
	confirm: string;
	testAlarm: string;
	shortTest: string;
}

export const MESSAGE_WORDS: Readonly<Record<Language, MessageWords>> = {
	en: {
		locale: "en-GB",
		priorities: { critical: "CRITICAL", high: "HIGH", medium: "MEDIUM", low: "LOW" },
		calls: { raised: "", escalated: "Nobody has answered: ", repeated: "Still not answered: ", resolved: "" },
		resolved: "RESOLVED",
		returned: "Over by now: ",
		several: (count, place, first) => `${count} alarms at ${place}, first ${first}`,
		more: (count) => `and ${count} more.`,
		times: (since, until) => (until === null ? `since ${since}` : `from ${since} to ${until}`),
		comma: ", ",
		colon: ": ",
		cause: "Cause",
		consequence: "Consequence",
		action: "Action",
		openList: "Open the alarm list",
		openOne: "Open the alarm",
		confirm: "Confirm that this reached you",
		testAlarm: "Test alarm: please confirm",
		shortTest: "Watchroom test alarm. Confirm: ",
	},
	zh: {
		locale: "zh-CN",
		priorities: { critical: "紧急", high: "高", medium: "中", low: "低" },
		calls: { raised: "", escalated: "无人响应：", repeated: "仍无人响应：", resolved: "" },
		resolved: "已恢复",
		returned: "现已恢复：",
		several: (count, place, first) => `${place} 共 ${count} 条告警，首条：${first}`,
		more: (count) => `另有 ${count} 条。`,
		times: (since, until) => (until === null ? `始于 ${since}` : `${since} 至 ${until}`),
		comma: "，",
		colon: "：",
		cause: "原因",
		consequence: "后果",
		action: "处置",
		openList: "打开告警列表",
		openOne: "打开告警",
		confirm: "确认已收到",
		testAlarm: "测试告警：请确认收到",
		shortTest: "Watchroom 测试告警，请确认：",
	},
};
