import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A process that a test started; killed by its own pid when the test process ends, however it ends. */
export interface Child {
	pid: number;
	process: ChildProcess;
	/** Everything written to standard output and error so far. */
	output(): string;
	/** Resolves when the output matches; throws when the process ends first or after `timeout` ms. */
	says(pattern: RegExp, timeout?: number): Promise<RegExpMatchArray>;
	/** Sends the signal and waits for the end. Idempotent. */
	stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Longer than a whole system takes to end in order, each of its processes within a bound of its own. */
const STOP_LIMIT = 60_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

/** Starts a program; `env` is added to the environment of the tests. */
export function startChild(
	command: string,
	args: readonly string[],
	options: { env?: Record<string, string>; cwd?: string; uid?: number; gid?: number } = {},
): Child {
	const child = spawn(command, args, {
		cwd: options.cwd,
		env: { ...process.env, ...options.env },
		stdio: ["ignore", "pipe", "pipe"],
		...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid ?? options.uid }),
	});
	running.add(child);
	let output = "";
	const listeners = new Set<() => void>();
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding("utf8").on("data", (text: string) => {
			output = (output + text).slice(-1_000_000);
			for (const listener of listeners) listener();
		});
	child.on("exit", () => {
		running.delete(child);
		for (const listener of listeners) listener();
	});
	child.on("error", (error) => {
		output += String(error);
		for (const listener of listeners) listener();
	});
	const ended = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
	return {
		pid: child.pid ?? -1,
		process: child,
		output: () => output,
		says: (pattern, timeout = 60_000) =>
			new Promise((resolve, reject) => {
				const finish = (act: () => void) => {
					clearTimeout(timer);
					listeners.delete(look);
					act();
				};
				const look = () => {
					const match = output.match(pattern);
					if (match) finish(() => resolve(match));
					else if (ended())
						finish(() =>
							reject(new Error(`${command} ended (${child.exitCode ?? child.signalCode}) before it said ${pattern}:\n${output.slice(-4000)}`)),
						);
				};
				const timer = setTimeout(
					() => finish(() => reject(new Error(`${command} did not say ${pattern} within ${timeout} ms:\n${output.slice(-4000)}`))),
					timeout,
				);
				listeners.add(look);
				look();
			}),
		async stop(signal = "SIGTERM") {
			if (ended()) return;
			child.kill(signal);
			const kill = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT);
			await once(child, "exit");
			clearTimeout(kill);
		},
	};
}

/** Node 24 as this project installs it, and the folder of the project. */
export const NODE = process.execPath;
