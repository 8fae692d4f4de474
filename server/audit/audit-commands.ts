import { generateKeyEntry, rotateKeyFile } from "./audit-key-file.ts";

/**
 * `audit rotate-key`: a new key that lines are written with from now on; a running server takes it within seconds. Resolves to what is
 * said to the person at the console. Throws AppError `no-key-file` before the first start.
 */
export async function rotateAuditKey(config: { auditKey: string | null; auditKeyFile: string }, now: number): Promise<string> {
	if (config.auditKey !== null)
		return [
			"The keys come from WATCHROOM_AUDIT_KEY. Put this new one first, keep the others behind it, and restart the server:",
			`WATCHROOM_AUDIT_KEY=${generateKeyEntry(now)},<the keys until now, each as id:key>`,
			"A key that stood there without an id keeps the id that the audit log knows it by: it may stay without one.",
		].join("\n");
	const id = await rotateKeyFile(config.auditKeyFile, now);
	return `Lines are sealed with the new key ${id} from now on. Back ${config.auditKeyFile} up, apart from the database: without its keys nobody can read the log.`;
}
