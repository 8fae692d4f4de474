/** The units in which devices say what they measure, as other software writes them (EDG-8). */
import { expect, test } from "vitest";
import { conversionOf, convert } from "../../../contracts/units.ts";

test.each([
	["degC", "°C", 20, 20],
	["deg C", "°C", 20, 20],
	["Degrees Celsius", "°C", 20, 20],
	["ºC", "°C", 20, 20],
	["degF", "°C", 71.6, 22],
	["deg. F", "°C", 71.6, 22],
	["Fahrenheit", "°C", 71.6, 22],
	["Percent", "%RH", 40, 40],
	["% RH", "%RH", 40, 40],
	["Volts", "V", 230, 230],
	["V AC", "V", 230, 230],
	["Amps", "A", 3, 3],
	["kilowatts", "W", 3, 3_000],
	["Seconds", "min", 90, 1.5],
	["mV", "V", 3_000, 3],
])("%s is understood where %s is meant", (from, to, value, wanted) => {
	const conversion = conversionOf(from, to);
	expect(conversion && convert(value, conversion)).toBe(wanted);
});

test.each([
	["MV", "V"],
	["mw", "W"],
	["constructor", "V"],
	["degC", "V"],
	["", "°C"],
])("%s is no unit of %s: capital and small letters of symbols mean different things", (from, to) => {
	expect(conversionOf(from, to)).toBeNull();
});
