import { sql } from "kysely";
import type { Database } from "../platform/database/database.ts";
import { entryOf, leafOf } from "./leaf.ts";
import type { LedgerTables } from "./ledger-store.ts";
import { leafHash, nodeHash, nodesOf, rangeHash, type TreeNode } from "./merkle.ts";
import { checkpointText, checkSignature, parseNote, parseVerifier, type Verifier } from "./signed-note.ts";

/** What was found in the database: `problem` names the first row that is not as it was written. */
export interface LedgerCheck {
	problem: string | null;
	entries: number;
	checkpoints: number;
	cosignatures: number;
	/** Size of the newest signed tree, `null` without one; what came after it is not signed yet. */
	signedSize: number | null;
}

const PAGE = 2_000;
const CHECKPOINTS = 200;

class Changed extends Error {}

/**
 * Recomputes everything that the ledger's tables hold: each leaf's bytes and hash, each node, that indexes have no gap, the head,
 * each checkpoint's root and signature, each cosignature. `key`: the log's verifier key. A whole ledger written anew with the real
 * key is not found here but by the witnesses. Reads one state of the tables, also while the server appends.
 */
export async function checkLedger(database: Database, key: Verifier): Promise<LedgerCheck> {
	const found: LedgerCheck = { problem: null, entries: 0, checkpoints: 0, cosignatures: 0, signedSize: null };
	try {
		await database
			.tables<LedgerTables>()
			.transaction()
			.setIsolationLevel("repeatable read")
			.execute(async (tables) => {
				const nodes = new NodeReader(async (wanted) => {
					const { rows } = await sql<{ hash: Buffer | null }>`SELECT n.hash
						FROM unnest(${wanted.map(({ level }) => level)}::smallint[], ${wanted.map(({ index }) => index)}::bigint[]) WITH ORDINALITY AS want (level, index, place)
						LEFT JOIN LATERAL (
							SELECT hash FROM ledger_entries e WHERE want.level = 0 AND e.index = want.index
							UNION ALL SELECT hash FROM ledger_nodes n WHERE n.level = want.level AND n.index = want.index
						) n ON true ORDER BY want.place`.execute(tables);
					return rows.map(({ hash }) => hash);
				});
				const page = (after: number) =>
					tables.selectFrom("ledger_entries").selectAll().where("index", ">", after).orderBy("index").limit(PAGE).execute();
				await checkEntries(found, page, nodes);
				const head = await tables.selectFrom("ledger_head").select("size").execute();
				if (head.length !== 1 || head[0]?.size !== found.entries)
					throw new Changed(
						`ledger_head says ${head.map(({ size }) => size).join(", ") || "nothing"}, but there are ${found.entries} entries: the newest were deleted or added, or the head was changed`,
					);
				await checkNoMoreNodes(
					found.entries,
					await tables
						.selectFrom("ledger_nodes")
						.select(["level", "index"])
						.where(sql<boolean>`(index + 1) * (2::numeric ^ level) > ${found.entries}`)
						.orderBy("level")
						.orderBy("index")
						.limit(1)
						.execute(),
				);
				await checkCheckpoints(found, key, nodes, (after) =>
					tables.selectFrom("ledger_checkpoints").selectAll().where("number", ">", after).orderBy("number").limit(CHECKPOINTS).execute(),
				);
				await checkCosignatures(
					found,
					await tables
						.selectFrom("ledger_cosignatures as c")
						.leftJoin("ledger_checkpoints as p", "p.size", "c.size")
						.select(["c.size", "c.agent", "c.key", "c.line", "p.note"])
						.orderBy("c.size")
						.execute(),
					await tables.selectFrom("ledger_witnesses").selectAll().execute(),
				);
				checkCounts(found, await tables.selectFrom("ledger_counts").selectAll().execute());
			});
	} catch (error) {
		if (!(error instanceof Changed)) throw error;
		found.problem = error.message;
	}
	return found;
}

class NodeReader {
	readonly read: (wanted: readonly TreeNode[]) => Promise<(Buffer | null)[]>;
	constructor(read: (wanted: readonly TreeNode[]) => Promise<(Buffer | null)[]>) {
		this.read = read;
	}
}

async function checkEntries(
	found: LedgerCheck,
	page: (after: number) => Promise<{ index: number; leaf: Buffer; hash: Buffer }[]>,
	nodes: NodeReader,
): Promise<void> {
	/** Complete subtrees so far, the largest first. */
	const stack: { node: TreeNode; hash: Buffer }[] = [];
	for (let rows = await page(-1); rows.length > 0; rows = await page(found.entries - 1)) {
		const expected: { node: TreeNode; hash: Buffer }[] = [];
		let broken: string | null = null;
		for (const { index, leaf, hash } of rows) {
			if (index !== found.entries) {
				broken = `ledger_entries ${found.entries} is missing; the next row is ${index}: a row was deleted or renumbered`;
				break;
			}
			if (!leafHash(leaf).equals(hash)) {
				broken = `ledger_entries ${index}: leaf and hash don't fit: the row was changed`;
				break;
			}
			if (!isCanonical(leaf)) {
				broken = `ledger_entries ${index}: the leaf is not an entry in canonical JSON: the row was changed or inserted`;
				break;
			}
			found.entries++;
			let top = { node: { level: 0, index }, hash };
			while (top.node.index % 2 === 1) {
				const left = stack.pop();
				if (!left) throw new Error("ledger check: no left subtree");
				top = { node: { level: top.node.level + 1, index: (top.node.index - 1) / 2 }, hash: nodeHash(left.hash, top.hash) };
				expected.push(top);
			}
			stack.push(top);
		}
		// Nodes of what is before a broken row first: the first row that was changed is to be named.
		const stored = await nodes.read(expected.map(({ node }) => node));
		for (const [place, { node, hash }] of expected.entries()) {
			const first = node.index * 2 ** node.level;
			const last = first + 2 ** node.level - 1;
			const row = stored[place];
			if (!row) throw new Changed(`ledger_nodes ${node.level}/${node.index} is missing: the row was deleted`);
			if (!row.equals(hash))
				throw new Changed(
					`ledger_nodes ${node.level}/${node.index} doesn't fit the entries ${first} to ${last} below it: one of them was changed or moved, or the node was`,
				);
		}
		if (broken) throw new Changed(broken);
	}
}

function isCanonical(leaf: Buffer): boolean {
	try {
		return leafOf(entryOf(leaf)).equals(leaf);
	} catch {
		return false;
	}
}

async function checkNoMoreNodes(size: number, extra: readonly { level: number; index: number }[]): Promise<void> {
	const [node] = extra;
	if (node)
		throw new Changed(
			`ledger_nodes ${node.level}/${node.index} is over more than the ${size} entries: the row was inserted, or entries were deleted`,
		);
}

async function checkCheckpoints(
	found: LedgerCheck,
	key: Verifier,
	nodes: NodeReader,
	page: (after: number) => Promise<LedgerTables["ledger_checkpoints"][]>,
): Promise<void> {
	for (let rows = await page(-1); rows.length > 0; rows = await page(found.checkpoints - 1)) {
		const parts = rows.map(({ size }) => (size <= found.entries ? nodesOf({ start: 0, end: size }) : []));
		const hashes = await nodes.read(parts.flat());
		let from = 0;
		for (const [place, { size, number, root, note }] of rows.entries()) {
			const name = `ledger_checkpoints of size ${size}`;
			const count = parts[place]?.length ?? 0;
			const own = hashes.slice(from, from + count);
			from += count;
			if (number !== found.checkpoints)
				throw new Changed(`ledger_checkpoints number ${found.checkpoints} is missing: the row was deleted or renumbered`);
			if (found.signedSize !== null && size <= found.signedSize)
				throw new Changed(`${name} doesn't follow the one before: the row was inserted or moved`);
			if (size > found.entries) throw new Changed(`${name} was signed, but there are only ${found.entries} entries: the newest were deleted`);
			const expected = rangeHash(own.filter((hash) => hash !== null));
			if (!root.equals(expected)) throw new Changed(`${name}: the entries have another root: they or the row were changed`);
			if (!isSigned(note, checkpointText({ origin: key.name, size, root }), key))
				throw new Changed(`${name}: the note is not this tree's, signed by ${key.name}: the row was changed or inserted`);
			found.checkpoints++;
			found.signedSize = size;
		}
	}
}

function isSigned(note: string, text: string, key: Verifier): boolean {
	try {
		const read = parseNote(note);
		return read.text === text && read.signatures.length === 1 && checkSignature(read, key)?.good === true;
	} catch {
		return false;
	}
}

async function checkCosignatures(
	found: LedgerCheck,
	rows: readonly { size: number; agent: string; key: string; line: string; note: string | null }[],
	witnesses: readonly { agent: string; key: string }[],
): Promise<void> {
	for (const { size, agent, key, line, note } of rows) {
		const name = `ledger_cosignatures of size ${size} by ${agent}`;
		if (note === null) throw new Changed(`${name}: there is no checkpoint of that size: that row was deleted`);
		let good = false;
		try {
			const verifier = parseVerifier(key);
			good = verifier.name === `watchroom-agent/${agent}` && checkSignature(parseNote(`${note}${line}\n`), verifier)?.good === true;
		} catch {
			// Not readable is not good.
		}
		if (!good) throw new Changed(`${name}: the signature doesn't hold: the row was changed or inserted`);
		found.cosignatures++;
	}
	const signers = new Set(rows.map(({ agent, key }) => `${agent} with the key ${key}`));
	const listed = new Set(witnesses.map(({ agent, key }) => `${agent} with the key ${key}`));
	for (const signer of signers)
		if (!listed.has(signer)) throw new Changed(`ledger_witnesses doesn't list ${signer}, who co-signed: the row was deleted or changed`);
	for (const signer of listed)
		if (!signers.has(signer)) throw new Changed(`ledger_witnesses lists ${signer}, who co-signed nothing: the row was inserted or changed`);
}

/** The newest rows too are all there: nothing follows them that would miss them. */
function checkCounts(found: LedgerCheck, counts: readonly LedgerTables["ledger_counts"][]): void {
	const expected = new Map([
		["ledger_checkpoints", found.checkpoints],
		["ledger_cosignatures", found.cosignatures],
	]);
	for (const { counted, rows } of counts)
		if (expected.get(counted) !== rows)
			throw new Changed(`ledger_counts says ${rows} of ${counted}, but there are ${expected.get(counted) ?? "none"}: a row was deleted or inserted`);
	for (const counted of expected.keys())
		if (!counts.some((row) => row.counted === counted)) throw new Changed(`ledger_counts has no row for ${counted}: it was deleted`);
}
