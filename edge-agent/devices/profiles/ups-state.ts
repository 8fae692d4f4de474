/** What a UPS says of itself, as one of the states of a point of kind `ups-state`. */
import type { UpsState } from "../../../contracts/kinds.ts";

/**
 * NUT's words of `ups.status` (its developer guide, "Status data"), the first row whose words are all there. Low battery means something only
 * without mains: with mains the battery is being charged.
 */
const STATES: readonly (readonly [words: readonly string[], state: UpsState])[] = [
	[["OFF"], "off"],
	// The UPS has been told to switch off.
	[["FSD", "OB"], "low-battery"],
	[["FSD"], "fault"],
	[["OB", "LB"], "low-battery"],
	[["OB"], "on-battery"],
	[["BYPASS"], "bypass"],
	[["OVER"], "fault"],
	[["RB"], "fault"],
	[["ALARM"], "fault"],
	[["OL"], "online"],
];
/** The words whose presence and absence both say something. */
export const UPS_WORDS = [
	"OL",
	"OB",
	"LB",
	"RB",
	"CHRG",
	"DISCHRG",
	"BYPASS",
	"CAL",
	"OFF",
	"OVER",
	"TRIM",
	"BOOST",
	"FSD",
	"ALARM",
	"HB",
	"ECO",
	"TEST",
] as const;

/** apcupsd's words for the same. */
const APCUPSD: Readonly<Record<string, string>> = {
	ONLINE: "OL",
	ONBATT: "OB",
	LOWBATT: "LB",
	OVERLOAD: "OVER",
	REPLACEBATT: "RB",
	NOBATT: "RB",
	SHUTTING: "FSD",
	CAL: "CAL",
	TRIM: "TRIM",
	BOOST: "BOOST",
};
/** Words with which the daemon says that it doesn't hear the UPS: what else it says is old. */
const UNHEARD = new Set(["COMMLOST", "COMM", "WAIT", "NOCOMM", "STALE"]);

/** Whether the words say that the UPS isn't heard. */
export function isUnheard(text: string): boolean {
	return wordsOf(text).some((word) => UNHEARD.has(word));
}

/** A set of words in any order, NUT's or apcupsd's, in NUT's; `null`: there are none, or the UPS isn't heard. */
export function upsWords(text: string): ReadonlySet<string> | null {
	const words = wordsOf(text);
	if (words.length === 0 || isUnheard(text)) return null;
	return new Set(words.map((word) => (Object.hasOwn(APCUPSD, word) ? (APCUPSD[word] ?? word) : word)));
}

/** `null`: the words name no state. */
export function upsState(words: ReadonlySet<string>): UpsState | null {
	return STATES.find(([all]) => all.every((word) => words.has(word)))?.[1] ?? null;
}

/** The bits of `status_flags` that apcupsd and Telegraf's upsd plugin have in common, as words. */
export function upsFlags(flags: number): ReadonlySet<string> {
	const bits = ["CAL", "TRIM", "BOOST", "OL", "OB", "OVER", "LB", "RB"];
	return new Set(bits.filter((_, bit) => (flags & (1 << bit)) !== 0));
}

const wordsOf = (text: string) => text.toUpperCase().split(/\s+/).filter(Boolean);
