import { expect, test } from "vitest";
import { zoneTime } from "../../../edge-agent/devices/zone-time.ts";

test.each([
	["2026-07-01 12:00:00 CEST", "Europe/Berlin", "2026-07-01T10:00:00.000Z"],
	["2026-01-01 12:00:00 CET", "Europe/Berlin", "2026-01-01T11:00:00.000Z"],
	["2026-07-01 12:00:00 CST", "Asia/Shanghai", "2026-07-01T04:00:00.000Z"],
	["2026-07-01 12:00:00 CST", "PRC", "2026-07-01T04:00:00.000Z"],
	["2026-01-01 12:00:00 CST", "America/Chicago", "2026-01-01T18:00:00.000Z"],
	["2026-01-01 12:00:00 CST", "America/Havana", "2026-01-01T17:00:00.000Z"],
	["2026-07-01 12:00:00 IST", "Asia/Kolkata", "2026-07-01T06:30:00.000Z"],
	["2026-07-01 12:00:00 IST", "Europe/Dublin", "2026-07-01T11:00:00.000Z"],
	["2026-01-01 12:00:00 IST", "Asia/Jerusalem", "2026-01-01T10:00:00.000Z"],
	["2026-01-01T12:00:00.250 AEDT", "Australia/Sydney", "2026-01-01T01:00:00.250Z"],
	["2026-07-01 12:00 NDT", "America/St_Johns", "2026-07-01T14:30:00.000Z"],
	["2026-07-01 12:00:00 UTC", "Europe/Berlin", "2026-07-01T12:00:00.000Z"],
	["2026-07-01 12:00:00 +03", "Europe/Berlin", "2026-07-01T09:00:00.000Z"],
])("%s in %s is %s", (text, zone, expected) => {
	expect(zoneTime(text, zone)).toEqual({ ts: Date.parse(expected), unusable: null });
});

test.each([
	["2026-10-25 02:30:00 CEST", "2026-10-25T00:30:00.000Z"],
	["2026-10-25 02:30:00 CET", "2026-10-25T01:30:00.000Z"],
])("in the hour that clocks show twice the abbreviation decides: %s is %s", (text, expected) => {
	expect(zoneTime(text, "Europe/Berlin").ts).toBe(Date.parse(expected));
});

test.each<[string, string | null, string]>([
	["2026-07-01 12:00:00 CET", "Europe/Berlin", "no-zone"],
	["2026-07-01 12:00:00 CST", "Europe/Berlin", "no-zone"],
	["2026-07-01 12:00:00 CST", "America/Chicago", "no-zone"],
	["2026-07-01 12:00:00 CST", "Asia/Singapore", "no-zone"],
	["2026-07-01 12:00:00 PST", "Asia/Shanghai", "no-zone"],
	["2026-03-29 02:30:00 CEST", "Europe/Berlin", "no-zone"],
	["2026-07-01 12:00:00 XYZ", "Europe/Berlin", "no-zone"],
	["2026-07-01 12:00:00 CEST", null, "no-zone"],
	["2026-07-01 12:00:00", "Europe/Berlin", "no-zone"],
	["2000-07-01 12:00:00 CEST", "Europe/Berlin", "not-set"],
	["2026-13-01 12:00:00 CEST", "Europe/Berlin", "no-zone"],
	["noon CEST", "Europe/Berlin", "unreadable"],
])("%s in %s is no time: %s", (text, zone, unusable) => {
	expect(zoneTime(text, zone)).toEqual({ ts: null, unusable });
});
