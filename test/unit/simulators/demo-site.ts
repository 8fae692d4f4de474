import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseSite } from "../../../contracts/site-check.ts";
import { expandSite, type World } from "../../../contracts/world.ts";

/** The demo site as it is in the repository. */
export function demoWorld(): World {
	const result = parseSite(parse(readFileSync(new URL("../../../sites/demo.yaml", import.meta.url), "utf8")));
	if ("problems" in result) throw new Error(JSON.stringify(result.problems, null, 1));
	return expandSite(result.site);
}
