/** What Tasmota's channels are proposed as (EDG-8). */
import { expect, test } from "vitest";
import { tasmota } from "../../../../edge-agent/devices/profiles/tasmota.ts";
import { listener } from "../../../helpers/dialects.ts";

test("the temperature of the processor is none of the room", () => {
	const parts = listener(tasmota).hear("tele/rack-7/SENSOR", '{"ESP32":{"Temperature":57.8},"SHT3X":{"Temperature":21.5},"TempUnit":"C"}');
	expect(parts?.[0]?.readings.map(({ channel, kind }) => [channel, kind])).toEqual([
		["ESP32.Temperature", null],
		["SHT3X.Temperature", "temperature"],
	]);
});
