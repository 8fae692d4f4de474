import { type Kysely, type Selectable, sql } from "kysely";
import { z } from "zod";
import { type CredentialState, credentialStateSchema, type GrantEnd, type HolderKind } from "../../../contracts/access.ts";
import { weeklyScheduleSchema } from "../../../contracts/weekly-schedule.ts";
import type { AnyTransaction } from "../../platform/database/database.ts";
import { dateOf, msOf } from "../../platform/database/instants.ts";
import type { CredentialRecord, GrantRecord, HolderRecord, RegisterRecords } from "./register.ts";

export interface RegisterTables {
	holders: {
		id: string;
		name: string;
		kind: HolderKind;
		company: string | null;
		post: string | null;
		external_id: string | null;
		account: string | null;
		other_accounts: string[];
		sponsor: string | null;
		left_at: Date | null;
		created_at: Date;
		version: number;
	};
	holder_posts: { holder: string; post: string | null; at: Date };
	credentials: {
		id: string;
		holder: string;
		format: string | null;
		facility: number | null;
		number: number | null;
		fingerprint: string | null;
		state: CredentialState;
		state_at: Date;
		state_reason: string | null;
		valid_from: Date;
		valid_until: Date | null;
		version: number;
	};
	credential_states: { credential: string; state: CredentialState; at: Date; by_account: string; reason: string | null };
	access_grants: {
		id: string;
		holder: string | null;
		post: string | null;
		zone: string;
		valid_from: Date;
		valid_until: Date | null;
		schedule: unknown;
		sponsor: string | null;
		reason: string;
		granted_by: string;
		granted_at: Date;
		renewed_at: Date;
		lapses_at: Date;
		ended_at: Date | null;
		ended_by: string | null;
		end_reason: GrantEnd | null;
		version: number;
	};
	register_changes: { single: boolean; number: number };
}
type Tables = Kysely<RegisterTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<RegisterTables> => tables as unknown as Kysely<RegisterTables>;
const historyOf = <T extends z.ZodType>(value: T) => z.array(z.object({ value, at: z.number() }));

/** The register's writes come one after another: what one decides by can't be changed by another before it has committed. */
export async function lockRegister(transaction: AnyTransaction): Promise<void> {
	await sql`SELECT pg_advisory_xact_lock(hashtext('access-register'))`.execute(transaction);
}

/** Says that something has changed; other servers see by the number that they must load anew. */
export async function noteChange(transaction: AnyTransaction): Promise<void> {
	await sql`UPDATE register_changes SET number = number + 1`.execute(transaction);
}

export async function changeNumber(tables: Tables): Promise<number> {
	return (await typed(tables).selectFrom("register_changes").select("number").executeTakeFirstOrThrow()).number;
}

/**
 * What has changed after change number `since`, with histories; -1: everything. In one transaction where it must be of one moment. Whoever
 * changes a history changes the row that has it too.
 */
export async function loadRegister(tables: Tables, since: number): Promise<RegisterRecords> {
	const all = typed(tables);
	const holders = await sql<Selectable<RegisterTables["holders"]> & { posts: unknown }>`SELECT h.*,
		(SELECT coalesce(json_agg(json_build_object('value', post, 'at', extract(epoch FROM at) * 1000) ORDER BY p.id), '[]') FROM holder_posts p WHERE p.holder = h.id) AS posts
		FROM holders h WHERE changed_in > ${since}`.execute(all);
	const credentials = await sql<Selectable<RegisterTables["credentials"]> & { states: unknown }>`SELECT c.*,
		(SELECT coalesce(json_agg(json_build_object('value', state, 'at', extract(epoch FROM at) * 1000) ORDER BY s.id), '[]') FROM credential_states s WHERE s.credential = c.id) AS states
		FROM credentials c WHERE changed_in > ${since}`.execute(all);
	const grants = await sql<Selectable<RegisterTables["access_grants"]>>`SELECT * FROM access_grants WHERE changed_in > ${since}`.execute(all);
	return { holders: holders.rows.map(holderOf), credentials: credentials.rows.map(credentialOf), grants: grants.rows.map(grantOf) };
}

/** False when the id, the external id or the account is taken. */
export async function insertHolder(tables: Tables, holder: HolderRecord): Promise<boolean> {
	const result = await typed(tables)
		.insertInto("holders")
		.values(holderRow(holder))
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirst();
	const inserted = (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
	if (inserted) await addPost(tables, holder.id, holder.post, holder.createdAt);
	return inserted;
}

type Optional<T> = { [K in keyof T]?: T[K] | undefined };
export type HolderValues = Optional<
	Pick<HolderRecord, "name" | "kind" | "company" | "post" | "externalId" | "account" | "otherAccounts" | "sponsor" | "leftAt">
>;
/** Under the register's lock. Its version grows by one. */
export async function updateHolder(tables: Tables, id: string, values: HolderValues): Promise<void> {
	const { externalId, leftAt, otherAccounts, ...same } = values;
	await typed(tables)
		.updateTable("holders")
		.set((row) => ({
			...same,
			...(externalId !== undefined && { external_id: externalId }),
			...(otherAccounts !== undefined && { other_accounts: [...otherAccounts] }),
			...(leftAt !== undefined && { left_at: dateOf(leftAt) }),
			version: row("version", "+", 1),
		}))
		.where("id", "=", id)
		.execute();
}
export async function addPost(tables: Tables, holder: string, post: string | null, at: number): Promise<void> {
	await typed(tables)
		.insertInto("holder_posts")
		.values({ holder, post, at: dateOf(at) })
		.execute();
}

/** False when the card or fingerprint is somebody's already. */
export async function insertCredential(tables: Tables, credential: CredentialRecord, by: string): Promise<boolean> {
	const result = await typed(tables)
		.insertInto("credentials")
		.values(credentialRow(credential))
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirst();
	const inserted = (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
	if (inserted) await addState(tables, credential.id, { state: credential.state, at: credential.stateAt, by, reason: credential.stateReason });
	return inserted;
}

export interface StateChange {
	state: CredentialState;
	at: number;
	/** Account. */
	by: string;
	reason: string | null;
}
/** Under the register's lock. Its version grows by one. */
export async function changeState(tables: Tables, id: string, change: StateChange): Promise<void> {
	await typed(tables)
		.updateTable("credentials")
		.set((row) => ({ state: change.state, state_at: dateOf(change.at), state_reason: change.reason, version: row("version", "+", 1) }))
		.where("id", "=", id)
		.execute();
	await addState(tables, id, change);
}
async function addState(tables: Tables, credential: string, { state, at, by, reason }: StateChange): Promise<void> {
	await typed(tables)
		.insertInto("credential_states")
		.values({ credential, state, at: dateOf(at), by_account: by, reason })
		.execute();
}

/** False when the same grant is in force already. */
export async function insertGrant(tables: Tables, grant: GrantRecord): Promise<boolean> {
	const result = await typed(tables)
		.insertInto("access_grants")
		.values(grantRow(grant))
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirst();
	return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Ends what has not ended yet; under the register's lock. */
export async function endGrants(
	tables: Tables,
	ids: readonly string[],
	{ at, by, reason }: { at: number; by: string; reason: GrantEnd },
): Promise<string[]> {
	if (ids.length === 0) return [];
	const ended = await typed(tables)
		.updateTable("access_grants")
		.set((row) => ({ ended_at: dateOf(at), ended_by: by, end_reason: reason, version: row("version", "+", 1) }))
		.where(sql<boolean>`id = any(${ids}::uuid[])`)
		.where("ended_at", "is", null)
		.returning("id")
		.execute();
	return ended.map(({ id }) => id);
}

export async function renewGrant(tables: Tables, id: string, { renewedAt, lapsesAt }: { renewedAt: number; lapsesAt: number }): Promise<void> {
	await typed(tables)
		.updateTable("access_grants")
		.set((row) => ({ renewed_at: dateOf(renewedAt), lapses_at: dateOf(lapsesAt), version: row("version", "+", 1) }))
		.where("id", "=", id)
		.execute();
}

/** Rows in one statement. */
const CHUNK = 500;
/**
 * Inserts many at once, under the register's lock; sponsors may be among them, also of each other. Throws when anything of it is there
 * already.
 */
export async function insertMany(tables: Tables, { holders, credentials, grants }: RegisterRecords, by: string): Promise<void> {
	const all = typed(tables);
	for (const some of chunks(holders)) {
		const rows = some.map((holder) => ({ ...holderRow(holder), sponsor: null }));
		await all.insertInto("holders").values(rows).execute();
		const posts = some.map(({ id, post, createdAt }) => ({ holder: id, post, at: dateOf(createdAt) }));
		await all.insertInto("holder_posts").values(posts).execute();
	}
	const sponsored = holders.filter(({ sponsor }) => sponsor !== null);
	await sql`UPDATE holders SET sponsor = v.sponsor
		FROM unnest(${sponsored.map(({ id }) => id)}::text[], ${sponsored.map(({ sponsor }) => sponsor)}::text[]) AS v (id, sponsor) WHERE holders.id = v.id`.execute(
		all,
	);
	for (const some of chunks(credentials)) {
		await all.insertInto("credentials").values(some.map(credentialRow)).execute();
		const states = some.map(({ id, state, stateAt, stateReason }) => ({
			credential: id,
			state,
			at: dateOf(stateAt),
			by_account: by,
			reason: stateReason,
		}));
		await all.insertInto("credential_states").values(states).execute();
	}
	for (const some of chunks(grants)) await all.insertInto("access_grants").values(some.map(grantRow)).execute();
}
function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
	for (let from = 0; from < items.length; from += CHUNK) yield items.slice(from, from + CHUNK);
}

const holderRow = (holder: HolderRecord) => ({
	id: holder.id,
	name: holder.name,
	kind: holder.kind,
	company: holder.company,
	post: holder.post,
	external_id: holder.externalId,
	account: holder.account,
	other_accounts: [...holder.otherAccounts],
	sponsor: holder.sponsor,
	left_at: dateOf(holder.leftAt),
	created_at: dateOf(holder.createdAt),
	version: holder.version,
});
const credentialRow = (credential: CredentialRecord) => ({
	id: credential.id,
	holder: credential.holder,
	format: credential.card?.format ?? null,
	facility: credential.card?.facility ?? null,
	number: credential.card?.number ?? null,
	fingerprint: credential.fingerprint,
	state: credential.state,
	state_at: dateOf(credential.stateAt),
	state_reason: credential.stateReason,
	valid_from: dateOf(credential.from),
	valid_until: dateOf(credential.until),
	version: credential.version,
});
const grantRow = (grant: GrantRecord) => ({
	id: grant.id,
	holder: grant.holder,
	post: grant.post,
	zone: grant.zone,
	valid_from: dateOf(grant.from),
	valid_until: dateOf(grant.until),
	schedule: grant.schedule && JSON.stringify(grant.schedule),
	sponsor: grant.sponsor,
	reason: grant.reason,
	granted_by: grant.grantedBy,
	granted_at: dateOf(grant.grantedAt),
	renewed_at: dateOf(grant.renewedAt),
	lapses_at: dateOf(grant.lapsesAt),
	ended_at: null,
	ended_by: null,
	end_reason: null,
	version: grant.version,
});

function holderOf(row: Selectable<RegisterTables["holders"]> & { posts: unknown }): HolderRecord {
	const posts = historyOf(z.string().nullable()).parse(row.posts);
	return {
		id: row.id,
		name: row.name,
		kind: row.kind,
		company: row.company,
		post: row.post,
		posts: posts.map(({ value, at }) => ({ post: value, at })),
		externalId: row.external_id,
		account: row.account,
		otherAccounts: row.other_accounts,
		sponsor: row.sponsor,
		leftAt: msOf(row.left_at),
		createdAt: msOf(row.created_at),
		version: row.version,
	};
}
function credentialOf(row: Selectable<RegisterTables["credentials"]> & { states: unknown }): CredentialRecord {
	const states = historyOf(credentialStateSchema).parse(row.states);
	const { format, facility, number } = row;
	return {
		id: row.id,
		holder: row.holder,
		card: format !== null && facility !== null && number !== null ? { format, facility, number } : null,
		fingerprint: row.fingerprint,
		state: row.state,
		stateAt: msOf(row.state_at),
		stateReason: row.state_reason,
		states: states.map(({ value, at }) => ({ state: value, at })),
		from: msOf(row.valid_from),
		until: msOf(row.valid_until),
		version: row.version,
	};
}
function grantOf(row: Selectable<RegisterTables["access_grants"]>): GrantRecord {
	return {
		id: row.id,
		holder: row.holder,
		post: row.post,
		zone: row.zone,
		from: msOf(row.valid_from),
		until: msOf(row.valid_until),
		schedule: row.schedule === null ? null : weeklyScheduleSchema.parse(row.schedule),
		sponsor: row.sponsor,
		reason: row.reason,
		grantedBy: row.granted_by,
		grantedAt: msOf(row.granted_at),
		renewedAt: msOf(row.renewed_at),
		lapsesAt: msOf(row.lapses_at),
		endedAt: msOf(row.ended_at),
		endReason: row.end_reason,
		version: row.version,
	};
}
