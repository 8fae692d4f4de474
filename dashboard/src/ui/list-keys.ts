import type { KeyboardEvent } from "react";

/** Moves the focus between rows marked `data-row` with arrows, j/k, Home and End. True when the key was used. */
export function moveBetweenRows(event: KeyboardEvent<HTMLElement>, singleKeys: boolean): boolean {
	if (event.ctrlKey || event.metaKey || event.altKey) return false;
	if (event.target instanceof HTMLElement && event.target.matches("input, textarea, select")) return false;
	const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
	const at = rows.findIndex((row) => row.contains(document.activeElement));
	const down = event.key === "ArrowDown" || (singleKeys && event.key === "j");
	const up = event.key === "ArrowUp" || (singleKeys && event.key === "k");
	const to = down
		? Math.min(at + 1, rows.length - 1)
		: up
			? Math.max(at - 1, 0)
			: event.key === "Home"
				? 0
				: event.key === "End"
					? rows.length - 1
					: -1;
	const row = rows[to];
	if (!row) return false;
	event.preventDefault();
	row.focus();
	return true;
}
