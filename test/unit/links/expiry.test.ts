import { describe, expect, test } from "vitest";
import { expiryReports } from "../../../server/links/expiry-watch.ts";

const DAY = 86_400_000;
const NOW = 1_769_000_000_000;

describe("the end of a certificate", () => {
	test.each([
		[31, []],
		[29, ["certificate-expiry"]],
		[8, ["certificate-expiry"]],
		[6, ["certificate-expiry", "certificate-expiry-soon"]],
		[-1, ["certificate-expiry", "certificate-expiry-soon"]],
	])("%s days ahead raises %j", (days, rules) => {
		const subject = { of: "agent" as const, name: "a" };
		const reports = expiryReports([{ ...subject, expiresAt: NOW + days * DAY }], [subject], NOW);
		expect(reports.filter(({ active }) => active).map(({ rule }) => rule)).toEqual(rules);
		expect(reports).toHaveLength(2);
	});
	test("what is not in use any more is said to be well", () => {
		expect(expiryReports([], [{ of: "server", name: "server" }], NOW).map(({ active }) => active)).toEqual([false, false]);
	});
});
