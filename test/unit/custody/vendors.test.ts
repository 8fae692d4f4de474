import { expect, test } from "vitest";
import { identityOf, namesVendor } from "../../../server/custody/vendors.ts";

test.each([
	["Western Digital GmbH", "Western Digital", true],
	["western  DIGITAL", "Western Digital", true],
	["Acme Recycling", "Acme Storage", true],
	["Seagate Recycling", "Western Digital", true],
	["SeagateTechnology", undefined, true],
	["Ѕеаgate, in look-alikes of other scripts", undefined, true],
	["Ｓｅａｇａｔｅ, wide", undefined, true],
	["Sea\u200bgate, with something that can't be seen", undefined, true],
	["WD Returns", undefined, true],
	["希捷科技（苏州）有限公司", undefined, true],
	["Green Metals, RMA desk", undefined, true],
	["绿色金属返修中心", undefined, true],
	["Green Metals", "Western Digital", false],
	["绿色金属回收有限公司", "Seagate", false],
	["Intelligent Recycling", undefined, false],
	["Hpélican Scrap", "Seagate", false],
])("%s takes back what %s has made: %s (MED-5)", (organisation, maker, named) => {
	expect(namesVendor(organisation, maker)).toBe(named);
});

test.each<[string, { maker: string; serial: string }, boolean]>([
	["in other case", { maker: "SEAGATE", serial: "zx1-7" }, true],
	["with blanks", { maker: " Seagate ", serial: "ZX1 -7" }, true],
	["with the company's full name", { maker: "Seagate Technology LLC", serial: "ZX1-7" }, true],
	["with its Chinese name", { maker: "希捷", serial: "ZX1-7" }, true],
	["with a look-alike", { maker: "Sеagate", serial: "ZX1-7" }, true],
	["with what can't be seen", { maker: "Seagate\u200b", serial: "ZX1-7" }, true],
	["by another maker", { maker: "Toshiba", serial: "ZX1-7" }, false],
	["with another number", { maker: "Seagate", serial: "ZX17" }, false],
])("one medium written %s is the same: %s %s (MED-1)", (_, other, same) => {
	expect(identityOf(other) === identityOf({ maker: "Seagate", serial: "ZX1-7" })).toBe(same);
});
