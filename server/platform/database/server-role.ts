/**
 * The role that the server works as in a cluster of its own: no superuser, owner of nothing, so that triggers and revoked rights
 * hold against the server itself. Migrations run as the owner of the tables.
 */
import { createHmac } from "node:crypto";
import { type Kysely, sql } from "kysely";

export const SERVER_ROLE = "watchroom_server";

/** Password of {@link SERVER_ROLE}, derived from the owner's: one secret on disk, and the derived one doesn't give it away. */
export function serverRolePassword(ownerPassword: string): string {
	return createHmac("sha256", ownerPassword).update(SERVER_ROLE).digest("base64url");
}

/**
 * Lets {@link SERVER_ROLE} read and write every table of the schema `public`, those to come included; a migration takes away what
 * the server must not do (`revoke update, delete ...`). Run as the owner before the migrations; a second time changes nothing,
 * so that what a migration has revoked stays revoked.
 */
export async function grantToServerRole(owner: Kysely<unknown>): Promise<void> {
	await owner.transaction().execute(async (transaction) => {
		const run = (text: string) => sql.raw(text).execute(transaction);
		await sql`select pg_advisory_xact_lock(hashtext(${SERVER_ROLE}))`.execute(transaction);
		const { rows } = await sql`select from pg_default_acl where defaclnamespace = 'public'::regnamespace and defaclobjtype = 'r'
			and defaclrole = current_user::regrole and defaclacl::text like ${`%${SERVER_ROLE}=%`}`.execute(transaction);
		if (rows.length > 0) return;
		await run(`grant usage on schema public to ${SERVER_ROLE}`);
		for (const [kind, rights] of [
			["tables", "select, insert, update, delete"],
			["sequences", "usage, select"],
		]) {
			await run(`grant ${rights} on all ${kind} in schema public to ${SERVER_ROLE}`);
			await run(`alter default privileges in schema public grant ${rights} on ${kind} to ${SERVER_ROLE}`);
		}
	});
}
