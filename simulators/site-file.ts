import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { parseSite } from "../contracts/site-check.ts";
import { expandSite, type World } from "../contracts/world.ts";

/** Reads the site file, which is the plan of the hardware to stand in for. Throws an Error that lists everything wrong with it. */
export async function readWorld(path: string): Promise<World> {
	const result = parseSite(parse(await readFile(path, "utf8")));
	if ("site" in result) return expandSite(result.site);
	throw new Error(`${path} is not a site file:\n${result.problems.map(({ path: where, message }) => `  ${where}: ${message}`).join("\n")}`);
}
