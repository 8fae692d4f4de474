import { expect, test } from "vitest";
import { upsNames } from "../../../../edge-agent/devices/profiles/ups-names.ts";

const MINUTE = 60_000;
const from = (serial: string | null, host: string | null = "edge1") => ({ serial, host });
const names = (...listed: string[]) => upsNames((address) => listed.includes(address));

test("a UPS is called by its name alone while no other one has it", () => {
	const nameOf = names();
	expect([nameOf("ups", from("A"), 0), nameOf("ups", from("A"), MINUTE), nameOf("hall", from("B"), MINUTE)]).toEqual(["ups", "ups", "hall"]);
});

test("while UPSs of two serial numbers have one name, neither is taken for the other, whichever spoke first and whether the name is listed", () => {
	for (const nameOf of [names(), names("ups")]) {
		nameOf("ups", from("A"), 0);
		expect([nameOf("ups", from("B"), 1), nameOf("ups", from("A"), 2), nameOf("ups", from("B"), 3)]).toEqual(["ups@B", "ups@A", "ups@B"]);
	}
});

test("a UPS that replaces one has its name once that has been silent for ten minutes", () => {
	const nameOf = names("ups");
	nameOf("ups", from("old"), 0);
	expect([nameOf("ups", from("new"), 10 * MINUTE), nameOf("ups", from("new"), 11 * MINUTE)]).toEqual(["ups@new", "ups"]);
});

test("what the device list says counts: by serial number, or by host where there is none", () => {
	const nameOf = names("ups@A", "ups@edge2", "ups");
	expect(nameOf("ups", from("A"), 0)).toBe("ups@A");
	expect(nameOf("ups", from(null, "edge2"), 0)).toBe("ups@edge2");
	expect(nameOf("ups", from(null), 0)).toBe("ups");
});

test("many names and serial numbers are no load: beyond a bound a UPS of a crowded name goes by its serial number", () => {
	const nameOf = names();
	for (let index = 0; index < 100; index++) nameOf("ups", from(String(index)), index);
	for (let index = 0; index < 2_000; index++) nameOf(`ups${index}`, from("A"), index);
	expect([nameOf("ups", from("99"), 200), nameOf("ups1999", from("A"), 2_000)]).toEqual(["ups@99", "ups1999"]);
});
