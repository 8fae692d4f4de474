import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../platform/config.ts";
import { openConsoleDatabase } from "../platform/database/console-database.ts";
import { AppError } from "../platform/errors.ts";
import { silentLogger } from "../platform/logger.ts";
import { checkLedger } from "./ledger-check.ts";
import { parseSigner, parseVerifier, type Verifier } from "./signed-note.ts";

/** `ledger check [--key <verifier key>]`: resolves to 0 when everything holds, 1 when something was changed, 2 when it can't be checked. */
export async function ledgerCheckCommand(config: Config, args: readonly string[], say: (text: string) => void): Promise<number> {
	const option = args.indexOf("--key");
	const key = await verifierFor(config, option < 0 ? undefined : args[option + 1]);
	const database = await openConsoleDatabase(config, { table: "ledger_checkpoints", connections: 1, logger: silentLogger() });
	try {
		const { problem, entries, checkpoints, cosignatures, signedSize } = await checkLedger(database, key);
		say(`Key ${key.text}`);
		say(`Checked ${entries} entries with their nodes, ${checkpoints} checkpoints and ${cosignatures} cosignatures.`);
		if (problem !== null) {
			say(`CHANGED: ${problem}.`);
			return 1;
		}
		if (signedSize === null || signedSize < entries) say(`The last ${entries - (signedSize ?? 0)} entries are not signed yet.`);
		say(
			"Everything in the database is as it was written. A ledger written anew as a whole shows at the witnesses: compare the checkpoint with theirs.",
		);
		return 0;
	} finally {
		await database.stop();
	}
}

async function verifierFor(config: Config, text: string | undefined): Promise<Verifier> {
	if (text !== undefined) return parseVerifier(text);
	const file = config.ledgerKeyFile ?? join(config.data, "ledger", "key");
	const own = await readFile(file, "utf8").catch(() => {
		throw new AppError("ledger-key", 404, `The ledger's key ${file} can't be read; give its verifier key with --key.`);
	});
	return parseSigner(own).verifier;
}
