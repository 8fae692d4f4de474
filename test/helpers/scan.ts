import type { Locator } from "playwright-core";

/** Types as a keyboard scanner does: one key right after the other, and Enter. */
export async function scan(field: Locator, text: string): Promise<void> {
	await field.evaluate((input, wanted) => {
		(input as HTMLInputElement).focus();
		const press = (key: string) => input.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
		for (const letter of wanted) press(letter);
		document.execCommand("insertText", false, wanted);
		press("Enter");
	}, text);
}
