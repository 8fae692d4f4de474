import { createServer } from "node:http";
import { AccessRegister } from "../../server/access/register/access-register.ts";
import { ImportService } from "../../server/access/register/import-service.ts";
import { registerMigrations } from "../../server/access/register/register-migrations.ts";
import { registerRoutes } from "../../server/access/register/register-routes.ts";
import { RegisterService } from "../../server/access/register/register-service.ts";
import type { Actor } from "../../server/platform/actor.ts";
import type { AccessNote } from "../../server/platform/http/access-note.ts";
import { createApp } from "../../server/platform/http/http-server.ts";
import { silentLogger } from "../../server/platform/logger.ts";
import { knownPeople, recordedActs } from "./actors.ts";
import { testDatabase } from "./postgres.ts";
import { settableClock, worldSource } from "./small-world.ts";

/** The register with its routes on PostgreSQL; people by bearer token or the cookie `who={token}`. Each account of `accounts` is its own id. */
export async function registerApi(options: { site: unknown; people: Readonly<Record<string, Actor>>; now: number; accounts?: readonly string[] }) {
	const db = await testDatabase(registerMigrations);
	const acts = recordedActs();
	const notes: AccessNote[] = [];
	const clock = settableClock(options.now);
	const known = new Map((options.accounts ?? []).map((id) => [id, id]));
	const accounts = async () => known;
	const register = new AccessRegister({ world: worldSource(options.site), database: db.database, ...acts, clock, logger: silentLogger(), accounts });
	await register.start();
	const service = new RegisterService({ register, lastUse: async () => new Map(), accounts, clock });
	const server = createServer(
		createApp({
			logger: silentLogger(),
			authenticator: knownPeople(options.people),
			note: async (note) => void notes.push(note),
			routes: registerRoutes(service, new ImportService({ register, accounts, clock }), () => "s"),
			validateResponses: true,
			site: () => "s",
		}),
	);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	return {
		base: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
		register,
		clock,
		notes,
		...acts,
		async stop() {
			server.close();
			await register.stop();
			await db.drop();
		},
	};
}
export type RegisterApi = Awaited<ReturnType<typeof registerApi>>;
