/** Ids of the alarms whose rows are wholly on the screen: within the window, and below a heading that stays at its top. */
export function visibleRows(list: HTMLElement | null): Set<string> {
	const visible = new Set<string>();
	if (!list) return visible;
	const frame = list.closest("main")?.getBoundingClientRect() ?? list.getBoundingClientRect();
	const head = list.querySelector("thead")?.getBoundingClientRect();
	const top = Math.max(0, frame.top, head && head.height > 1 ? head.bottom : 0);
	// Calls lie over the end of a page that is longer than a phone's screen.
	const calls = document.querySelector(".calls")?.getBoundingClientRect();
	const bottom = Math.min(window.innerHeight, frame.bottom, calls && calls.height > 1 ? calls.top : Number.POSITIVE_INFINITY);
	for (const row of list.querySelectorAll<HTMLElement>("[data-alarm]")) {
		const place = row.getBoundingClientRect();
		if (place.top >= top - 1 && place.bottom <= bottom + 1 && row.dataset.alarm !== undefined) visible.add(row.dataset.alarm);
	}
	return visible;
}
