/** `npm run watchroom -- <command>`: administration from the command line. */
import { readFile } from "node:fs/promises";
import { parse as parseYaml, YAMLParseError } from "yaml";
import { parseSite } from "../contracts/site-check.ts";
import { rotateAuditKey } from "./audit/audit-commands.ts";
import { MEDIA_PACKS } from "./custody/verify-media-pack.ts";
import { identityCommands } from "./identity/identity-commands.ts";
import { ledgerCheckCommand } from "./ledger/ledger-commands.ts";
import { verifyCommand } from "./ledger/pack-checks.ts";
import { EVIDENCE } from "./ledger/verify-pack.ts";
import { linksCommands } from "./links/links-commands.ts";
import { openLinksConsole } from "./links/links-console.ts";
import { configReference, readConfig } from "./platform/config.ts";
import { AppError } from "./platform/errors.ts";

interface Command {
	/** As typed, `<...>` for what the user fills in. */
	usage: string;
	does: string;
	/** Resolves to the exit code. */
	run(args: readonly string[]): Promise<number>;
}

const say = (text: string) => process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);

const commands: Record<string, Command> = {
	...identityCommands(() => readConfig(process.env), say),
	...linksCommands(() => openLinksConsole(readConfig(process.env)), say),
	"config check": {
		usage: "config check",
		does: "checks the environment variables and the site file they name",
		run: async () => {
			const config = readConfig(process.env);
			say("The environment is as expected.");
			return await checkSite(config.site);
		},
	},
	"config reference": {
		usage: "config reference",
		does: "prints docs/configuration.md",
		run: async () => {
			say(configReference());
			return 0;
		},
	},
	"ledger check": {
		usage: "ledger check [--key <verifier key>]",
		does: "recomputes the whole ledger in the database and names the first row that was changed",
		run: (args) => ledgerCheckCommand(readConfig(process.env), args, say),
	},
	"audit rotate-key": {
		usage: "audit rotate-key",
		does: "adds a new key to the audit log's; old lines stay readable",
		run: async () => {
			say(await rotateAuditKey(readConfig(process.env), Date.now()));
			return 0;
		},
	},
	"site check": {
		usage: "site check <file>",
		does: "checks a site file and reports everything that is wrong with it",
		run: async ([file]) => {
			if (file !== undefined) return await checkSite(file);
			complain("Which file? site check <file>");
			return 2;
		},
	},
};

async function checkSite(file: string): Promise<number> {
	const text = await readFile(file, "utf8").catch((error: Error) => {
		throw new AppError("no-site-file", 404, `${file} can't be read: ${error.message}`);
	});
	const result = parseSite(parseYaml(text));
	if ("site" in result) {
		const { site } = result;
		say(`${file} is as expected: ${site.name}, ${site.rooms.length} rooms, ${site.racks.length} racks, ${site.rules.length} rules.`);
		return 0;
	}
	complain(`${file} has ${result.problems.length} problem${result.problems.length === 1 ? "" : "s"}:`);
	for (const problem of result.problems) complain(`  ${problem.path || "(top)"}: ${problem.message}`);
	return 1;
}

function help(): string {
	const width = Math.max(...Object.values(commands).map((command) => command.usage.length));
	return Object.values(commands)
		.map((command) => `  ${command.usage.padEnd(width)}  ${command.does}`)
		.join("\n");
}

async function main([first = "", second = "", ...rest]: readonly string[]): Promise<number> {
	if (first === "totp") return await main(["demo", "totp", second, ...rest]);
	if (first === "verify" && second !== "--database")
		return await verifyCommand(
			[second, ...rest].filter((word) => word !== ""),
			{ ...EVIDENCE, ...MEDIA_PACKS },
		);
	const command = first === "verify" ? commands["ledger check"] : commands[`${first} ${second}`];
	if (!command) {
		complain(`npm run watchroom -- <command>\n\n${help()}`);
		return first === "" || first === "help" ? 0 : 2;
	}
	try {
		return await command.run(rest);
	} catch (error) {
		if (!(error instanceof AppError || error instanceof YAMLParseError)) throw error;
		complain(error.message);
		return 1;
	}
}

process.exitCode = await main(process.argv.slice(2));
