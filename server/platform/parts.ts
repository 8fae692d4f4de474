import type { Logger } from "./logger.ts";

/** Something with effects; parts start in the order of the list and stop in the reverse one. */
export interface Part {
	name: string;
	start(): unknown;
	/** Idempotent. */
	stop?(): unknown;
}

/**
 * Runs the parts of a process until it is told to end (SIGTERM, SIGINT, or the end of whoever started it with a channel). One that
 * can't stop doesn't keep the others from it. `ready` is called when all have started; one that can't start stops those before it and
 * makes the exit code 1.
 */
export async function runParts(parts: readonly Part[], { logger, ready }: { logger: Logger; ready: () => void }): Promise<void> {
	const started: Part[] = [];
	let stopping: Promise<void> | undefined;
	const stop = (): Promise<void> => {
		stopping ??= (async () => {
			logger.info("stopping");
			for (const part of started.reverse())
				try {
					await part.stop?.();
				} catch (error) {
					logger.warn({ err: error, stopped: part.name }, "could not be stopped cleanly");
				}
			logger.info("stopped");
		})();
		return stopping;
	};
	process.on("SIGTERM", () => void stop());
	process.on("SIGINT", () => void stop());
	process.once("disconnect", () => void stop()); // whoever started this process is gone
	process.channel?.unref(); // listening to that alone keeps no process alive

	try {
		for (const part of parts) {
			if (stopping) return;
			started.push(part);
			await part.start();
		}
		ready();
	} catch (error) {
		logger.fatal({ err: error }, "server can't run");
		process.exitCode = 1;
		await stop();
	}
}
