import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { GroupCommit } from "../../../edge-agent/outbox/group-commit.ts";
import type { Content } from "../../../edge-agent/outbox/outbox.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const reading = (value: number): Reading => ({ point: "s0:p", ts: 1, receivedAt: 1, value, quality: "good" });

function setUp(fail: () => boolean = () => false) {
	const commits: (readonly Content[])[] = [];
	let failures = 0;
	const group = new GroupCommit({
		append: (contents) => {
			if (fail()) throw new Error("disk full");
			commits.push(contents);
			return commits.length;
		},
		committed: () => {},
		failed: () => failures++,
	});
	return { group, commits, failures: () => failures };
}

test("an idle pipe commits in the next turn, and what came together goes together", async () => {
	const { group, commits } = setUp();
	const settled: number[] = [];
	for (let index = 0; index < 3; index++) group.add([reading(index)], [], [], () => settled.push(index));
	expect(settled).toEqual([]);
	await turn();
	expect(settled).toEqual([0, 1, 2]);
	expect(commits).toHaveLength(1);
});
test("nothing is settled by a commit that failed, everything in order by the one that follows", async () => {
	let broken = true;
	const { group, failures } = setUp(() => broken);
	const settled: number[] = [];
	group.add([reading(0)], [], [], () => settled.push(0));
	await waitFor("the failure", () => failures() === 1);
	expect([settled, group.stalled]).toEqual([[], true]);
	broken = false;
	group.add([reading(1)], [], [], () => settled.push(1));
	await waitFor("the next attempt", () => settled.length === 2);
	expect([settled, group.stalled]).toEqual([[0, 1], false]);
});
test("a flood is split into batches and commits of bounded size, without losing or repeating any", async () => {
	const { group, commits } = setUp();
	let settled = 0;
	for (let index = 0; index < 60; index++)
		group.add(
			Array.from({ length: 1000 }, (_, at) => reading(index * 1000 + at)),
			[],
			[],
			() => settled++,
		);
	await waitFor("everything", () => settled === 60);
	expect(commits.flat().flatMap(({ readings }) => readings.map(({ value }) => value))).toEqual(Array.from({ length: 60_000 }, (_, at) => at));
	expect(Math.max(...commits.flat().map(({ readings }) => readings.length))).toBeLessThanOrEqual(5000);
	expect(Math.max(...commits.map((contents) => contents.reduce((sum, { readings }) => sum + readings.length, 0)))).toBeLessThanOrEqual(21_000);
});
test("by what repetitions are known is committed with what was told, never before it", async () => {
	const commits: { readings: number; marks: (number | null)[] }[] = [];
	const group = new GroupCommit({
		append: (contents, marks) =>
			commits.push({ readings: contents.reduce((sum, { readings }) => sum + readings.length, 0), marks: marks.map(({ last }) => last) }),
		committed: () => {},
		failed: () => {},
	});
	const many = Array.from({ length: 15_000 }, (_, at) => reading(at));
	let settled = 0;
	for (let last = 1; last <= 4; last++) group.add(many, [], [{ device: "c0", last, keys: [] }], () => settled++);
	group.add([], [], [{ device: "c0", last: 5, keys: ["fire"] }], () => settled++);
	await waitFor("everything", () => settled === 5);
	expect(commits).toEqual([
		{ readings: 30_000, marks: [1, 2] },
		{ readings: 30_000, marks: [3, 4] },
		{ readings: 0, marks: [5] },
	]);
});
test("stopping commits what waits, and leaves it unsettled when it can't", () => {
	let broken = false;
	const { group } = setUp(() => broken);
	let settled = 0;
	group.add([reading(0)], [], [], () => settled++);
	group.stop();
	expect(settled).toBe(1);
	broken = true;
	const other = setUp(() => true);
	other.group.add([reading(0)], [], [], () => settled++);
	other.group.stop();
	expect(settled).toBe(1);
});
