/**
 * Proposes a thousand changes, then approves all of them at once, and says `approved {id}` for each one. Arguments: the data
 * directory, `propose` or `approve`. It is killed in the middle. `DATABASE_URL` names the database.
 */
import { PostgresDatabase } from "../../../server/platform/database/postgres-database.ts";
import { externalPostgres } from "../../../server/platform/database/postgres-server.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { twoPersons, withRoles } from "../../helpers/two-persons.ts";

const [directory = "", act = ""] = process.argv.slice(2);
const database = new PostgresDatabase({ server: externalPostgres(process.env.DATABASE_URL ?? ""), logger: silentLogger(), connections: 10 });
await database.start();
const all = await twoPersons(database, directory);
if (act === "propose") {
	const sam = await all.person("sam", "security-administrator");
	await all.person("sue", "security-administrator");
	await all.person("fay", "facility-manager");
	for (let n = 0; n < 1000; n++)
		await all.approvals.propose({ kind: "role-grant", user: `user-${n}`, role: "operator", site: "*", reason: "a thousand of them" }, sam);
} else {
	const approvers = [withRoles("sue", "security-administrator"), withRoles("fay", "facility-manager")];
	let count = 0;
	const pending: string[] = [];
	for (let after: { at: number; id: string } | null = null, more = true; more; ) {
		const page = await all.approvals.list({ mine: false, state: "pending" }, withRoles("sue", "security-administrator"), { limit: 500, after });
		pending.push(...page.items.map(({ id }) => id));
		const last: { proposedAt: string; id: string } | undefined = page.items.at(-1);
		after = last ? { at: Date.parse(last.proposedAt), id: last.id } : after;
		more = page.nextCursor !== null;
	}
	process.stdout.write(`pending ${pending.length}\n`);
	await Promise.all(
		pending.flatMap((id) =>
			approvers.map(async (approver) => {
				try {
					await all.approvals.approve(id, approver, null);
					process.stdout.write(`approved ${id}\ncount ${++count}\n`);
				} catch (error) {
					if (!(error instanceof Error && "code" in error && error.code === "already-decided")) throw error;
				}
			}),
		),
	);
}
process.stdout.write("done\n");
await all.stop();
await database.stop();
