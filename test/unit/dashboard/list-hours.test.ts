import { expect, test } from "vitest";
import { hoursText } from "../../../dashboard/src/features/access/list-hours.ts";

test.each([
	["days that follow each other as a span", [[0b0011111, 420, 1140]], "Mon–Fri 07:00–19:00"],
	["single days and spans by comma", [[0b1000101, 0, 1440]], "Mon, Wed, Sun 00:00–24:00"],
	[
		"several hours by semicolon",
		[
			[0b0000001, 480, 720],
			[0b0100000, 545, 600],
		],
		"Mon 08:00–12:00; Sat 09:05–10:00",
	],
])("hours of a controller's list are written with %s", (_, hours, text) => expect(hoursText(hours, "en")).toBe(text));
