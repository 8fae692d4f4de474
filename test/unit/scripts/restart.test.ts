import { expect, test } from "vitest";
import { waitAfterEnd } from "../../../scripts/restart.mjs";

const every = (ms: number, times: number) => Array.from({ length: times }, (_, at) => 1_000_000 + at * ms);

test.each([
	["the first end", every(0, 1), 500],
	["a second one soon after", every(1000, 2), 1000],
	["a third", every(1000, 3), 2000],
	["a fourth", every(1000, 4), 4000],
	["a fifth within two minutes", every(29_000, 5), null],
	["a fifth when the first is two minutes ago", every(30_000, 5), 4000],
	["an end a day, for years", every(86_400_000, 1000), 500],
])("after %s the process is started again in time, or not any more", (_, ends, wait) => {
	expect(waitAfterEnd(ends)).toBe(wait);
});
