/**
 * How a scenario asked for on the command line reaches the simulators that are running already: a socket in their data folder.
 * Two processes must not play the same devices at once, so the second one asks the first to play, and watches.
 * Lines of JSON: one {@link Ask} in, any number of {@link Answer} out; whoever asked hangs up to end the scenario.
 */
import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

export const askSchema = z.strictObject({
	scenario: z.string(),
	seed: z.number().int(),
	/** ms */
	delay: z.number().nonnegative(),
	/** ms */
	duration: z.number().nonnegative(),
	speed: z.number().positive(),
	/** Not a scenario: somebody shows their card, and fingerprint where it is asked for, at a door; what is played goes on. */
	swipe: z.strictObject({ holder: z.string(), door: z.string() }).optional(),
});
export type Ask = z.infer<typeof askSchema>;
const answerSchema = z.union([z.strictObject({ says: z.string() }), z.strictObject({ done: z.string() }), z.strictObject({ error: z.string() })]);
export type Answer = z.infer<typeof answerSchema>;

/** Longest path of a socket that every system takes, bytes (sockaddr_un has 104 or 108). */
const LONGEST_PATH = 100;

/** Where the simulators of this site listen. */
export function controlPath(data: string, site: string): string {
	const path = resolve(data, `${site}.sock`);
	if (Buffer.byteLength(path) <= LONGEST_PATH) return path;
	return join(tmpdir(), `watchroom-${createHash("sha256").update(path).digest("hex").slice(0, 16)}.sock`);
}

/** Listens for asks. `play` gets each with a way to answer; `hungUp` aborts when the asker is gone. */
export async function listenForAsks(
	path: string,
	play: (ask: Ask, answer: (answer: Answer) => void, hungUp: AbortSignal) => void,
): Promise<{ stop(): Promise<void> }> {
	mkdirSync(resolve(path, ".."), { recursive: true });
	// Nobody answered there, see askRunning: what is left is of a process that was killed.
	rmSync(path, { force: true });
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		const gone = new AbortController();
		socket.on("error", () => {});
		socket.on("close", () => {
			sockets.delete(socket);
			gone.abort();
		});
		const answer = (one: Answer) => {
			if (socket.writable) socket.write(`${JSON.stringify(one)}\n`);
		};
		createInterface({ input: socket })
			.on("line", (line) => {
				const ask = parseLine(askSchema, line);
				if (ask) play(ask, answer, gone.signal);
				else answer({ error: "expected one line of JSON with scenario, seed, delay, duration and speed" });
			})
			.on("error", () => {});
	});
	await new Promise<void>((done, failed) => {
		server.once("error", failed);
		server.listen(path, done);
	});
	return {
		stop: () => {
			for (const socket of sockets) socket.destroy();
			return closeServer(server);
		},
	};
}

async function closeServer(server: Server): Promise<void> {
	await new Promise<void>((resolve) => server.close(() => resolve()));
}

/**
 * Asks the running simulators to play; reports what they say and resolves with their last word, or with `null` when none are
 * running. Aborting hangs up, which ends the scenario.
 */
export async function askRunning(path: string, ask: Ask, says: (text: string) => void, signal: AbortSignal): Promise<Answer | null> {
	const socket = createConnection(path);
	const connected = await new Promise<boolean>((resolve) => {
		socket.once("connect", () => resolve(true));
		socket.once("error", () => resolve(false));
	});
	if (!connected) return null;
	socket.on("error", () => {});
	const lines = createInterface({ input: socket });
	// A destroyed socket has no end, so the lines must be closed too, or waiting for the next one never ends.
	const hangUp = () => {
		lines.close();
		socket.destroy();
	};
	if (signal.aborted) {
		hangUp();
		return { done: "Ended." };
	}
	signal.addEventListener("abort", hangUp, { once: true });
	socket.once("close", () => lines.close());
	socket.write(`${JSON.stringify(ask)}\n`);
	let last: Answer = { error: "the simulators went away" };
	try {
		for await (const line of lines) {
			const answer = parseLine(answerSchema, line);
			if (!answer) continue;
			if ("says" in answer) says(answer.says);
			else {
				last = answer;
				break;
			}
		}
	} catch {
		// A broken connection: the last word stays as it is.
	}
	signal.removeEventListener("abort", hangUp);
	hangUp();
	return signal.aborted ? { done: "Ended." } : last;
}

function parseLine<T>(schema: z.ZodType<T>, line: string): T | null {
	try {
		return schema.safeParse(JSON.parse(line)).data ?? null;
	} catch {
		return null;
	}
}
