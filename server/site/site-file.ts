import { parseDocument } from "yaml";
import type { SiteFile } from "../../contracts/site.ts";
import { parseSite, type SiteProblem } from "../../contracts/site-check.ts";

/** A site file that can't be used; `problems` names everything that is wrong with it. */
export class SiteFileError extends Error {
	readonly problems: readonly SiteProblem[];

	constructor(file: string, problems: readonly SiteProblem[]) {
		super(`The site file ${file} can't be used:\n${problems.map(problemText).join("\n")}`);
		this.name = "SiteFileError";
		this.problems = problems;
	}
}

/**
 * Reads the text of a site file and reports everything that is wrong with it at once. Mistakes of YAML itself carry their place
 * (`line 3, column 5`) as path; while there are any, the content isn't looked at.
 */
export function readSite(text: string): { site: SiteFile } | { problems: SiteProblem[] } {
	const document = parseDocument(text, { prettyErrors: true, merge: true });
	if (document.errors.length > 0)
		return {
			problems: document.errors.map((error) => {
				const place = error.linePos?.[0];
				const [message = "not YAML"] = error.message.split(/ at line \d|:?\n/);
				return { path: place ? `line ${place.line}, column ${place.col}` : "", message };
			}),
		};
	try {
		return parseSite(document.toJS());
	} catch (error) {
		return { problems: [{ path: "", message: error instanceof Error ? error.message : String(error) }] };
	}
}

/** `racks[3].room: expected one of the rooms, not cellar` */
export function problemText(problem: SiteProblem): string {
	return problem.path === "" ? problem.message : `${problem.path}: ${problem.message}`;
}
