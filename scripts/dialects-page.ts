/**
 * The part of docs/device-dialects.md that the dialects' own definitions make: `node scripts/dialects-page.ts` writes it. A test holds the
 * page to it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Profile } from "../edge-agent/devices/profiles/profile.ts";
import { PROFILES } from "../edge-agent/devices/profiles/registry.ts";

export const DIALECTS_PAGE = join(import.meta.dirname, "../docs/device-dialects.md");
const [BEGIN, END] = ["<!-- dialects: written by scripts/dialects-page.ts -->", "<!-- end of dialects -->"];

/** The page with its generated part as it should be. Throws when the page has no place for it. */
export function withDialects(page: string, profiles: readonly Profile[] = PROFILES): string {
	const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
	if (begin < 0 || end < begin) throw new Error(`expected ${BEGIN} and ${END} in the page`);
	const sections = profiles.flatMap((profile) => (profile.page ? [section(profile, profile.page)] : []));
	return `${page.slice(0, begin)}${BEGIN}\n${sections.join("\n")}\n${page.slice(end)}`;
}

function section(profile: Profile, { about, address, channels, ignores, example }: NonNullable<Profile["page"]>): string {
	const { id, title, base } = profile;
	const filters = profile.topics(base ?? "", []);
	const listens = filters.length === 0 ? "the topics that the site file names" : filters.map((filter) => `\`${filter}\``).join(", ");
	return `## ${title}
\`profile: ${id}\`. ${about}

Listens to ${listens}${base ? `; another base than \`${base}\` is set at the agent, \`dialects: [{ profile: ${id}, base: … }]\`` : ""}.

**Address**: ${address}

| channel (\`source\`) | what it is |
|---|---|
${channels.map(([channel, meaning]) => `| ${channel} | ${meaning} |`).join("\n")}
${ignores.length > 0 ? `\nPassed over: ${ignores.join("; ")}.\n` : ""}
\`\`\`yaml
${example}
\`\`\`
`;
}

if (import.meta.main) writeFileSync(DIALECTS_PAGE, withDialects(readFileSync(DIALECTS_PAGE, "utf8")));
