import { expect, test } from "vitest";
import { biometricField } from "../../../contracts/biometrics.ts";

test.each<[string, unknown, string | null]>([
	["nothing", {}, null],
	["an ordinary holder", { name: "Ann Lee", kind: "employee", company: null, post: "engineer", account: null }, null],
	["a reference", { holder: "ann", fingerprint: "fp-ann-right.index:2" }, null],
	["a long reason in words", { reason: "works there and ".repeat(60) }, null],
	["a long reason in one word", { reason: "x".repeat(3000) }, null],
	["a field of that name, whatever is in it", { name: "Ann", template: null }, "template"],
	["a template in the card", { card: { format: "H10301", minutiae: [1, 2] } }, "card.minutiae"],
	["a picture", { holders: [{ name: "Ann" }, { photo_jpeg: "x" }] }, "holders.1.photo_jpeg"],
	["a record of minutiae as a reference", { fingerprint: "Rk1SACAyMAAA" }, "fingerprint"],
	["a finger image", { note: " RklSADAxMAAA" }, "note"],
	["a PNG in a data URL", { name: "data:image/png;base64,AA" }, "name"],
	["a JPEG", "/9j/4AAQSkZJRgABAQ", ""],
	["a blob in base64", { externalId: `${"QUJD".repeat(50)}==` }, "externalId"],
	["a blob in hexadecimal", { externalId: "0f".repeat(100) }, "externalId"],
	["data in a name, which isn't repeated", { "Rk1SACAyMAAA+/": 1 }, "[redacted]"],
])("%s", (_, body, field) => {
	expect(biometricField(body)).toBe(field);
});

test("however deep it is hidden it is found", () => {
	let body: unknown = { template: 1 };
	for (let level = 0; level < 20_000; level++) body = [body];
	expect(biometricField(body)).toContain("template");
});
