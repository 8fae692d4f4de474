/** Keys that lead somewhere after `g`. */
export const GO_TO = {
	o: "/",
	a: "/alarms",
	p: "/points",
	c: "/access",
	m: "/access/muster",
	e: "/access/holders",
	g: "/access/grants",
	k: "/access/controllers",
	v: "/visitors",
	r: "/reviews",
	d: "/devices",
	h: "/changes",
	u: "/users",
	l: "/ledger",
	t: "/audit",
} as const;
export type GoTo = (typeof GO_TO)[keyof typeof GO_TO];

export type ShortcutAction = { type: "go"; to: GoTo } | { type: "help" } | { type: "search" } | { type: "escape" };

/** `g` counts for this long. */
const PREFIX_MS = 1500;

export interface ShortcutState {
	/** When `g` was pressed; `null` when it wasn't. */
	prefixAt: number | null;
}

/** What a key means, given what came before it. `typing`: the focus is in a field, where keys are text. Pure. */
export function nextShortcut(
	state: ShortcutState,
	key: string,
	typing: boolean,
	now: number,
): { state: ShortcutState; action: ShortcutAction | null } {
	const idle = { prefixAt: null };
	if (key === "Escape") return { state: idle, action: { type: "escape" } };
	if (typing) return { state: idle, action: null };
	if (state.prefixAt !== null && now - state.prefixAt <= PREFIX_MS) {
		const to = Object.entries(GO_TO).find(([name]) => name === key)?.[1];
		return { state: idle, action: to ? { type: "go", to } : null };
	}
	if (key === "g") return { state: { prefixAt: now }, action: null };
	if (key === "?") return { state: idle, action: { type: "help" } };
	if (key === "/") return { state: idle, action: { type: "search" } };
	return { state: idle, action: null };
}
