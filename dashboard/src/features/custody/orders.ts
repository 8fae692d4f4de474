/** Rules of the pages of work orders; pure. */
import type { MediumState } from "../../../../contracts/media.ts";
import type { BatchInput, BatchView } from "../../../../contracts/media-orders.ts";

/** Where an order's media are on their way, from the first to the last; what is stopped stands by itself. */
export const PHASES = ["installed", "inHand", "destroyed", "released", "lost", "incident"] as const;
export type Phase = (typeof PHASES)[number];

const PHASE_OF: Readonly<Record<MediumState, Phase>> = {
	installed: "installed",
	removed: "inHand",
	sealed: "inHand",
	"in-custody": "inHand",
	"in-transit": "inHand",
	degaussed: "inHand",
	purged: "inHand",
	deformed: "inHand",
	verified: "inHand",
	destroyed: "destroyed",
	released: "released",
	lost: "lost",
	incident: "incident",
};

/** How many media are in each phase. */
export function phasesOf(states: Readonly<Record<string, number>>): Record<Phase, number> {
	const phases = { installed: 0, inHand: 0, destroyed: 0, released: 0, lost: 0, incident: 0 };
	for (const [state, phase] of Object.entries(PHASE_OF)) phases[phase] += states[state] ?? 0;
	return phases;
}

/** What wants attention first, then what is planned first. */
export function byUrgency(one: Urgent, other: Urgent): number {
	const wrong = ({ states, overdue }: Urgent) => ((states.incident ?? 0) + overdue > 0 ? 0 : 1);
	return wrong(one) - wrong(other) || one.plannedFor.localeCompare(other.plannedFor);
}
type Urgent = Pick<BatchView, "states" | "overdue" | "plannedFor">;

/** A number range or one bay, such as `0-7` or `12`. */
const RANGE = /^(\d{1,3})\s*-\s*(\d{1,3})$/;
function baysOf(text: string): string[] {
	const range = RANGE.exec(text);
	if (!range) return [text];
	const [from, to] = [Number(range[1]), Number(range[2])];
	return from <= to ? Array.from({ length: to - from + 1 }, (_, step) => String(from + step)) : [text];
}

/** Servers and their bays as people write them, one server a line: `srv-14: 0-7, 12`. `wrong`: numbers of the lines that aren't so. */
export function readAssets(text: string): { assets: BatchInput["assets"]; wrong: number[] } {
	const assets: BatchInput["assets"] = [];
	const wrong: number[] = [];
	for (const [place, line] of text.split("\n").entries()) {
		if (line.trim() === "") continue;
		const colon = line.lastIndexOf(":");
		const asset = line.slice(0, Math.max(colon, 0)).trim();
		const bays = line
			.slice(colon + 1)
			.split(",")
			.map((one) => one.trim())
			.filter((one) => one !== "")
			.flatMap(baysOf);
		if (asset === "" || bays.length === 0) wrong.push(place + 1);
		else assets.push({ asset, bays });
	}
	return { assets, wrong };
}

/** Serial numbers, one a line, each once. */
export const readSerials = (text: string): string[] => [
	...new Set(
		text
			.split(/\r?\n/)
			.map((line) => line.trim())
			.filter((line) => line !== ""),
	),
];

/** A scanner types a character within this time, ms; nobody does. */
const SCANNED_WITHIN = 40;
/** Whether a text was typed by a scanner: every character right after the one before. `keyTimes`: when each of them was pressed, ms. */
export const isScanned = (text: string, keyTimes: readonly number[]): boolean =>
	text.length >= 4 &&
	keyTimes.length >= text.length &&
	keyTimes.every((time, place) => place === 0 || time - (keyTimes[place - 1] ?? 0) <= SCANNED_WITHIN);
