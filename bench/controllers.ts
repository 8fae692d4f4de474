/**
 * What each door controller should hold, derived from a register in memory.
 *   npm run bench -- controllers [--holders 2000] [--grants 5000] [--doors 40] [--runs 10]
 * Every holder has a card and a fingerprint, every fourth door takes two factors, the doors are spread over eight
 * zones, four doors to a controller. One JSON line: entries, and ms for all lists after one revocation and what it takes away.
 */
import { parseArgs } from "node:util";
import { parseSite } from "../contracts/site-check.ts";
import { removedBy } from "../server/access/controllers/removal-decision.ts";
import { wantedLists } from "../server/access/controllers/wanted-list.ts";
import { Register } from "../server/access/register/register.ts";
import { credentialRecord, grantRecord, holderRecord } from "../test/helpers/register-records.ts";

const ZONES = 8;
const DOORS_A_CONTROLLER = 4;

/** See the head of the file. */
export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			holders: { type: "string", default: "2000" },
			grants: { type: "string", default: "5000" },
			doors: { type: "string", default: "40" },
			runs: { type: "string", default: "10" },
		},
	});
	const [people, count, doors, runs] = [values.holders, values.grants, values.doors, values.runs].map(Number);
	if (!people || !count || !doors || !runs) throw new Error("expected numbers above 0");
	const site = siteOf(doors);
	const holders = Array.from({ length: people }, (_, index) => holderRecord(`h${index}`));
	const credentials = holders.flatMap(({ id }, index) => [credentialRecord(`c${index}`, id, index), credentialRecord(`f${index}`, id, null)]);
	const grants = Array.from({ length: count }, (_, index) =>
		grantRecord(`g${index}`, { holder: `h${index % people}`, zone: `z${(index + Math.floor(index / people)) % ZONES}` }),
	);
	const now = Date.now();
	const times: number[] = [];
	let [entries, removed] = [0, 0];
	for (let index = 0; index < runs; index++) {
		const before = wantedLists(new Register(site, { holders, credentials, grants }), now);
		const after = new Register(site, {
			holders,
			credentials,
			grants: grants.map((grant) => (grant.id === `g${index}` ? { ...grant, endedAt: now, endReason: "revoked" as const } : grant)),
		});
		const started = performance.now();
		const lists = wantedLists(after, now);
		removed = 0;
		for (const list of lists.values()) {
			const planned = before.get(list.controller);
			if (planned && planned.list !== list.list) removed += removedBy(planned.entries, list, now).length;
		}
		times.push(performance.now() - started);
		entries = [...lists.values()].reduce((sum, list) => sum + list.entries.length, 0);
	}
	times.sort((a, b) => a - b);
	const median = times[Math.floor(times.length / 2)] ?? 0;
	console.log(
		JSON.stringify({
			name: "controllers",
			holders: people,
			grants: count,
			doors,
			entries,
			removed,
			medianMs: Math.round(median),
			maxMs: Math.round(times.at(-1) ?? 0),
		}),
	);
}

function siteOf(doors: number) {
	const plan = { x: 0, y: 0, width: 5, depth: 5 };
	const names = Array.from({ length: doors }, (_, index) => `r${index}`);
	const controllers = Array.from({ length: Math.ceil(doors / DOORS_A_CONTROLLER) }, (_, index) => ({ id: `c${index}`, kind: "door-controller" }));
	const parsed = parseSite({
		id: "bench",
		name: "Bench",
		timeZone: "Europe/Berlin",
		agents: [{ id: "a", name: "A" }],
		rooms: [
			{ id: "hall", name: "hall", kind: "data-hall", plan, devices: controllers },
			...names.map((id) => ({ id, name: id, kind: "data-hall", plan, devices: [] })),
		],
		doors: names.map((id, index) => ({
			id: `d${index}`,
			name: `d${index}`,
			from: "hall",
			to: id,
			plan: { x: 0, y: 0 },
			controller: `c${Math.floor(index / DOORS_A_CONTROLLER)}`,
			readers: [],
			factors: index % 4 === 0 ? "two" : "one",
		})),
		zones: Array.from({ length: ZONES }, (_, zone) => ({
			id: `z${zone}`,
			name: `z${zone}`,
			rooms: names.filter((_name, index) => index % ZONES === zone),
		})),
	});
	if (!("site" in parsed)) throw new Error(JSON.stringify(parsed.problems));
	return parsed.site;
}
