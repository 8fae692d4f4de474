import { expect, test } from "vitest";
import type { NotificationEvent } from "../../../contracts/realtime.ts";
import { withCall } from "../../../dashboard/src/live/calls.ts";

const call = (id: string, priority: NotificationEvent["priority"], at: number, rest: Partial<NotificationEvent> = {}): NotificationEvent => ({
	id,
	notification: id,
	at,
	kind: "raised",
	priority,
	subject: id,
	count: 1,
	alarms: [`alarm-${id}`],
	confirm: null,
	...rest,
});
const after = (...calls: NotificationEvent[]) =>
	calls.reduce<readonly NotificationEvent[]>((kept, one) => withCall(kept, one), []).map(({ id }) => id);

test("calls are shown by what has to be answered first, whichever came last", () => {
	const resolved = call("over", "critical", 9, { kind: "resolved", alarms: ["gone"] });
	const proof = call("proof", "low", 1, { alarms: [], confirm: "/proof" });
	expect(after(proof, call("fault", "critical", 2), call("old", "high", 3), call("new", "high", 4), call("low", "low", 5), resolved)).toEqual([
		"proof",
		"fault",
		"new",
		"old",
		"low",
		"over",
	]);
});
test("a call whose alarms are over goes when that is told; one with an alarm that isn't stays", () => {
	const over = call("over", "high", 3, { kind: "resolved", alarms: ["alarm-a", "x"] });
	expect(after(call("a", "critical", 1), call("b", "high", 2, { alarms: ["x", "y"] }), over)).toEqual(["b", "over"]);
});
test("a critical call is never pushed out by lesser ones", () => {
	const many = Array.from({ length: 200 }, (_, index) => call(`low-${index}`, "low", 10 + index));
	const kept = after(call("fault", "critical", 1), ...many);
	expect([kept[0], kept.length]).toEqual(["fault", 50]);
});
