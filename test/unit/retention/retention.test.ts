import { expect, test } from "vitest";
import { readConfig } from "../../../server/platform/config.ts";
import { firstRetention, type Retained, retentionErrors } from "../../../server/retention/retention.ts";

const settings = { audit: 180, readings: 30, "minute-readings": 365, "hour-readings": 1825, visits: 92 };

test.each<[Retained, number, boolean]>([
	["audit", 179, false],
	["audit", 180, true],
	["audit", 36_501, false],
	["readings", 0, false],
	["readings", 1, true],
	["readings", 365, true],
	["readings", 366, false],
	["minute-readings", 29, false],
	["minute-readings", 1826, false],
	["hour-readings", 364, false],
	["hour-readings", 365, true],
	["visits", 91, false],
	["visits", 92, true],
	["readings", 1.5, false],
])("%s for %s days is allowed: %s", (data, days, allowed) => {
	expect(retentionErrors(settings, data, days).length === 0).toBe(allowed);
});

test("a shorter retention of the audit log than 180 days is refused in the environment too, with its reason", () => {
	expect(() => readConfig({ WATCHROOM_RETENTION_AUDIT_DAYS: "179" })).toThrow(/WATCHROOM_RETENTION_AUDIT_DAYS: expected at least 180 days/);
});

test("the first values are the environment's, 180 days for the audit log without any", () => {
	expect(firstRetention(readConfig({ WATCHROOM_RETENTION_RAW_DAYS: "10" }))).toEqual({ ...settings, readings: 10 });
});
