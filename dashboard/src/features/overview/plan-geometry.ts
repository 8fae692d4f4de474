import type { SiteView } from "../../../../contracts/api.ts";

export interface Target {
	/** `rack:A01`, `room:hall-a`, `door:front-door`, `device:smoke-a1` */
	key: string;
	x: number;
	y: number;
}

/** The part of the plan that holds everything, with a margin, as `x y width height` in metres. */
export function viewBoxOf(rooms: SiteView["rooms"], margin = 0.7): { x: number; y: number; width: number; height: number } {
	const left = Math.min(...rooms.map(({ plan }) => plan.x));
	const top = Math.min(...rooms.map(({ plan }) => plan.y));
	const right = Math.max(...rooms.map(({ plan }) => plan.x + plan.width));
	const bottom = Math.max(...rooms.map(({ plan }) => plan.y + plan.depth));
	if (!Number.isFinite(left)) return { x: 0, y: 0, width: 10, height: 10 };
	return { x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin };
}

/** The nearest target in the direction of an arrow key; those off to the side count as farther away. `null` when there is none. */
export function nearestInDirection(from: Target, targets: readonly Target[], key: string): Target | null {
	const direction = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
	if (!direction) return null;
	const [dx = 0, dy = 0] = direction;
	let best: Target | null = null;
	let bestCost = Number.POSITIVE_INFINITY;
	for (const target of targets) {
		const along = (target.x - from.x) * dx + (target.y - from.y) * dy;
		if (target.key === from.key || along <= 0.01) continue;
		const aside = Math.abs((target.x - from.x) * dy) + Math.abs((target.y - from.y) * dx);
		const cost = along + 2.5 * aside;
		if (cost < bestCost) [best, bestCost] = [target, cost];
	}
	return best;
}

/** Whether the wall that a door stands in runs up and down, judged by the nearest edge of its rooms. */
export function isInVerticalWall(door: { x: number; y: number }, rooms: SiteView["rooms"]): boolean {
	let toVertical = Number.POSITIVE_INFINITY;
	let toHorizontal = Number.POSITIVE_INFINITY;
	for (const { plan } of rooms) {
		const besideX = door.x >= plan.x - 0.5 && door.x <= plan.x + plan.width + 0.5;
		const besideY = door.y >= plan.y - 0.5 && door.y <= plan.y + plan.depth + 0.5;
		if (besideY) toVertical = Math.min(toVertical, Math.abs(door.x - plan.x), Math.abs(door.x - plan.x - plan.width));
		if (besideX) toHorizontal = Math.min(toHorizontal, Math.abs(door.y - plan.y), Math.abs(door.y - plan.y - plan.depth));
	}
	return toVertical < toHorizontal;
}
