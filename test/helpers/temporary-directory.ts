import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryDirectory {
	path: string;
	remove(): Promise<void>;
}

/** A new empty directory below the system's temporary one. */
export async function temporaryDirectory(name = "test"): Promise<TemporaryDirectory> {
	const path = await mkdtemp(join(tmpdir(), `watchroom-${name}-`));
	return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
