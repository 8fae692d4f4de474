import { expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { withJudgedTimes } from "../../../server/ingest/judged-time.ts";

const RECEIVED = 1_769_000_000_000;
const reading = (ahead: number, value = 1): Reading => ({ point: "d:p", ts: RECEIVED + ahead, receivedAt: RECEIVED, value, quality: "good" });

test.each([-3_600_000, -1, 0, 900, 5_000])("a time %i ms ahead of receipt is judged as it is", (ahead) => {
	const readings = [reading(ahead)];
	expect(withJudgedTimes(readings)).toBe(readings);
});

test("a clock that runs ahead is judged by the time of receipt, each reading at a time of its own, in their order", () => {
	const judged = withJudgedTimes([reading(540_000, 1), reading(540_001, 2), reading(0, 3)]);
	expect(judged.map(({ ts }) => ts).map(Math.floor)).toEqual([RECEIVED, RECEIVED, RECEIVED]);
	expect(judged[1]?.ts).toBeGreaterThan(judged[0]?.ts ?? Number.POSITIVE_INFINITY);
	expect(judged.map(({ value }) => value)).toEqual([1, 2, 3]);
});

test("the same batch gives the same times", () => {
	const batch = [reading(60_000), reading(70_000)];
	expect(withJudgedTimes(batch)).toEqual(withJudgedTimes(batch));
});
