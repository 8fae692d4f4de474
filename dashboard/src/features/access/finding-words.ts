/** What the server says of a finding in English (server/access/monitor/rules.ts), taken apart so that it can be said in the page's language. */
import type { Texts } from "../../i18n/en.ts";

export type FindingWord = keyof Texts["findingWords"];
export type FindingValues = Readonly<
	Partial<Record<"reason" | "result" | "state" | "method" | "door" | "other" | "zone" | "times" | "time" | "metres" | "seconds", string>>
>;
export interface FindingWords {
	word: FindingWord;
	/** What stands in the sentence: names as they are, and codes of devices and records, to be put into words. */
	values: FindingValues;
}

/** A row for each sentence; the names of its groups are the variables of the text. */
const SENTENCES: readonly (readonly [RegExp, FindingWord])[] = [
	[/^Denied: (?<reason>\S+)$/, "denied"],
	[/^Somebody signalled that they act under duress$/, "duress"],
	[/^A card reported (?<state>lost|stolen) was shown: (?<result>\S+)$/, "lostShown"],
	[/^The badge of somebody who has left was used: (?<result>\S+)$/, "leftUsed"],
	[/^A (?<state>suspended|returned) badge was used: (?<result>\S+)$/, "endedUsed"],
	[/^A badge whose access was taken away was used: (?<result>\S+)$/, "takenUsed"],
	[/^The controller granted, our records say (?<reason>\S+)$/, "grantedAgainst"],
	[/^The controller denied \((?<reason>\S+)\), our records say granted$/, "deniedAgainst"],
	[/^(?<door>.+): in again without having gone out$/, "inAgain"],
	[/^(?<door>.+): out without having come in$/, "outUnseen"],
	[/^(?<door>.+): in again without having gone out; uncertain: events of its doors are missing$/, "inAgainUncertain"],
	[/^(?<door>.+): out without having come in; uncertain: events of its doors are missing$/, "outUnseenUncertain"],
	[/^(?<door>.+): another door of its interlock was open$/, "interlockDenied"],
	[/^(?<door>.+) opened while (?<other>.+) was open$/, "interlockOpen"],
	[/^(?<door>.+) opened on (?<method>\S+) alone$/, "oneFactor"],
	[/^(?<times>\d+) denials at (?<door>.+) within a minute$/, "guessing"],
	[/^(?<door>.+): (?<times>\d+) times (?<result>\S+) within (?<time>.+)$/, "counted"],
	[/^One person (?<result>\S+) (?<times>\d+) times within (?<time>.+), last at (?<door>.+)$/, "countedOf"],
	[/^One badge denied at (?<times>\d+) doors within a minute$/, "everywhere"],
	[/^(?<metres>\d+) m from (?<door>.+) to (?<other>.+) in (?<seconds>-?\d+) s$/, "travel"],
	[/^(?<zone>.+) entered outside of its usual hours$/, "afterHours"],
	[/^(?<zone>.+) left outside of its usual hours$/, "leftAfterHours"],
	[/^A visitor passed (?<door>.+) without an escort$/, "noEscort"],
	[/^A visitor passed (?<door>.+) without the escort$/, "escortElsewhere"],
	[/^(?<door>.+) opened without a grant or an exit request$/, "withoutGrant"],
	[/^(?<door>.+) opened by one person alone$/, "alone"],
	[/^(?<door>.+) was forced$/, "forced"],
	[/^(?<door>.+) is held open$/, "held"],
	[/^Tamper contact of (?<door>.+)$/, "tamper"],
];

/** `null` for a sentence that isn't known: it is shown as it came. */
export function wordsOfFinding(detail: string): FindingWords | null {
	for (const [sentence, word] of SENTENCES) {
		const match = sentence.exec(detail);
		if (match) return { word, values: { ...match.groups } };
	}
	return null;
}
