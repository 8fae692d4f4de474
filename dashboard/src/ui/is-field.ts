/** Whether what is typed there is text: keys with a meaning of their own must leave it alone. */
export function isField(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable=true]");
}
