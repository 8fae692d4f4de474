import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections, which could take one before its server listens. */
const [FIRST, LAST] = [10_000, 32_000];
/** Workers that run at once have ranges of their own: a port is free until its server listens, seconds later. */
const RANGE = 1_000;
const RANGES = (LAST - FIRST) / RANGE;
const begin = FIRST + (Number(process.env.VITEST_POOL_ID ?? randomInt(RANGES)) % RANGES) * RANGE;
let next = randomInt(RANGE);

/** A TCP port on 127.0.0.1 that was free a moment ago, and that this test file gets once. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = begin + next;
		next = (next + 1) % RANGE;
		if (await isFree(port)) return port;
	}
}

async function isFree(port: number): Promise<boolean> {
	return await new Promise((resolve, reject) => {
		const server = createServer();
		server.on("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error)));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
}
