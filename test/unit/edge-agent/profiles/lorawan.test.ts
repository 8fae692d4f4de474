/** Milesight's bytes as two network servers pass them on (EDG-8): what is now, what was, and what can't be told. */
import { describe, expect, test } from "vitest";
import { bytesUplink } from "../../../../edge-agent/devices/profiles/chirpstack.samples.ts";
import { chirpstack } from "../../../../edge-agent/devices/profiles/chirpstack.ts";
import { listener } from "../../../helpers/dialects.ts";

const readings = (hex: string, model?: string) =>
	(listener(chirpstack).hear("application/a/device/24e124136b0000c1/event/up", bytesUplink(hex, model)) ?? [])
		.flatMap((part) => part.readings)
		.map(({ channel, value, historical = false }) => [channel, value, ...(historical ? ["past"] : [])]);
/** 2026-09-19, in seconds. */
const TS = "80 49 AE 6A";

describe("records of the past", () => {
	test("stand beside what is now, and hold what the message itself holds", () => {
		expect(readings(`03 67 FA 00  04 68 60  07 7D BC 02  20 CE ${TS} E0 00 50 58 02`)).toEqual([
			["temperature", 25],
			["humidity", 48],
			["co2", 700],
			["temperature", 22.4, "past"],
			["humidity", 40, "past"],
			["co2", 600, "past"],
		]);
	});

	test("come several in a row", () => {
		expect(readings(`20 CE ${TS} E0 00 50  20 CE ${TS} E1 00 50`)).toEqual([
			["temperature", 22.4, "past"],
			["humidity", 40, "past"],
			["temperature", 22.5, "past"],
			["humidity", 40, "past"],
		]);
	});

	test("are left out where no layout fits, or their time can't be true", () => {
		expect(readings(`03 67 FA 00  20 CE ${TS} E0 00 50 58 02 01 01 01`)).toEqual([["temperature", 25]]);
		expect(readings("03 67 FA 00  20 CE 01 00 00 00 E0 00")).toEqual([["temperature", 25]]);
	});
});

describe("one pair, several models", () => {
	test("the message's other pairs tell", () => {
		expect(readings("03 00 01")).toEqual([["leak", true]]);
		expect(readings("03 00 01 04 00 01")).toEqual([
			["door", true],
			["tamper", true],
		]);
		expect(readings("04 7D 0A 00 05 7D 14 00")).toEqual([
			["nh3", 0.1],
			["h2s", 0.2],
		]);
		expect(readings("05 7D 90 01")).toEqual([["co2", 400]]);
	});

	test("the model's name decides where it is known", () => {
		expect(readings("03 00 01 04 00 01", "WS202")).toEqual([
			["pir", true],
			["daylight", true],
		]);
	});
});

test("a value cut off, one that a sensor doesn't have and a flag that is neither 0 nor 1 are no values", () => {
	expect(readings("01 75 64 03 67 FA")).toEqual([["battery", 100]]);
	expect(readings("04 7D FF FF 05 7D FE FF 01 75 FF")).toEqual([]);
	expect(readings("06 00 02")).toEqual([]);
});
