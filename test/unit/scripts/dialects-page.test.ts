import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DIALECTS_PAGE, withDialects } from "../../../scripts/dialects-page.ts";

test("the page of device dialects is what the dialects' definitions make it", () => {
	const page = readFileSync(DIALECTS_PAGE, "utf8");
	expect(page).toBe(withDialects(page));
});
