import { parseCheckpoint } from "./tlog.ts";
import { WitnessFiles } from "./witness-files.ts";

/** `npm run agent -- witness status | clear [--trust-anew]`, on the agent's machine; returns the exit code. */
export function witnessCommand(data: string, [verb, option]: readonly string[], now: number, say: (text: string) => void): number {
	const files = new WitnessFiles(data);
	if (verb === "status") {
		const [pin, fork] = [files.pin(), files.fork()];
		say(
			pin
				? `Last checkpoint seen: ${parseCheckpoint(pin.checkpoint).size} entries\nLog's key: ${pin.key}\n${pin.checkpoint}`
				: "No checkpoint seen yet.",
		);
		say(fork ? `FORK since ${new Date(fork.at).toISOString()}: ${fork.reason}\nEvidence: ${files.forkPath}` : "No fork.");
		return fork ? 1 : 0;
	}
	if (verb === "clear" && (option === undefined || option === "--trust-anew")) {
		const cleared = files.clear(now, option === "--trust-anew");
		say(cleared ? `Cleared; the evidence is kept in ${files.folder}.` : "There is no fork to clear.");
		return cleared ? 0 : 1;
	}
	say(
		"witness status: what this agent has seen of the ledger\nwitness clear [--trust-anew]: co-sign again after a fork; with --trust-anew the next checkpoint is trusted as the first one was",
	);
	return 2;
}
