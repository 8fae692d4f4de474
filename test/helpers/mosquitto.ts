import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import { freePort } from "./free-port.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { waitFor } from "./wait-for.ts";

const PROGRAM = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto"].find((path) => existsSync(path));

/** True when suites that need Mosquitto can run; with CI=true they must. */
export const hasMosquitto = PROGRAM !== undefined || process.env.CI === "true";

export interface Mosquitto {
	port: number;
	url: string;
	process: Child;
	/** Ends it and starts it again on the same port, with what it has persisted. */
	restart(): Promise<void>;
	stop(): Promise<void>;
}

/** A real Mosquitto on 127.0.0.1 and a free port, that keeps any number of messages for sessions. */
export async function startMosquitto(settings: readonly string[] = []): Promise<Mosquitto> {
	if (!PROGRAM) throw new Error("Mosquitto is not installed: apt-get install mosquitto");
	const program = PROGRAM;
	const folder = await temporaryDirectory("mosquitto");
	const port = await freePort();
	const configuration = join(folder.path, "mosquitto.conf");
	await writeFile(
		configuration,
		[
			`listener ${port} 127.0.0.1`,
			"allow_anonymous true",
			// Started as root it would become another user, who may not write to the folder.
			`user ${userInfo().username}`,
			"max_inflight_messages 0",
			"max_queued_messages 0",
			"persistence true",
			`persistence_location ${folder.path}/`,
			...settings,
			"",
		].join("\n"),
	);
	const start = async () => {
		const child = startChild(program, ["-c", configuration, "-v"]);
		await child.says(/mosquitto version .* running/, 30_000);
		return child;
	};
	const mosquitto: Mosquitto = {
		port,
		url: `mqtt://127.0.0.1:${port}`,
		process: await start(),
		restart: async () => {
			await mosquitto.process.stop();
			mosquitto.process = await waitFor("Mosquitto to start again", start);
		},
		stop: async () => {
			await mosquitto.process.stop();
			await folder.remove();
		},
	};
	return mosquitto;
}
