/** Where a PostgreSQL to connect to comes from: our own (EmbeddedPostgres) or somebody else's. */
export interface PostgresServer {
	/** Makes sure that the server runs, as far as that is ours to do, and resolves to its connection URL. */
	start(): Promise<string>;
	/**
	 * URL of the account that the program works as where this is a cluster of our own: no superuser, owner of no table
	 * (server-role.ts). `undefined`: it works as the account that it was given.
	 */
	serverUrl?(): string | undefined;
	/** Idempotent. */
	stop(): Promise<void>;
}

/** A PostgreSQL that somebody else runs, given by `DATABASE_URL`. */
export function externalPostgres(url: string): PostgresServer {
	return { start: async () => url, stop: async () => {} };
}
