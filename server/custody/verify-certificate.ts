/** Part of verify-media-pack.ts: whether a medium's certificate says what its signed steps say, and whether its policy allows that. */
import { isDeepStrictEqual } from "node:util";
import { countOf, type Fields, fieldsOf, listOf, NotValid, textOf } from "../ledger/pack-checks.ts";
import type { Step } from "./verify-chain.ts";
import { digestOf } from "./verify-entries.ts";

/** What each machine does, and what must be in date for it (NIST SP 800-88 clause 4.7). */
const MACHINES: Readonly<Record<string, { method: string; needs: readonly string[] }>> = {
	degausser: { method: "degauss", needs: ["test", "calibration"] },
	eraser: { method: "purge", needs: ["test"] },
	bender: { method: "bend", needs: ["test"] },
	crusher: { method: "crush", needs: ["test"] },
	shredder: { method: "shred", needs: ["test"] },
	disintegrator: { method: "disintegrate", needs: ["test"] },
	grinder: { method: "grind", needs: ["test"] },
};
const TYPES: Readonly<Record<string, string>> = {
	degauss: "purge",
	purge: "purge",
	bend: "damage",
	crush: "damage",
	shred: "destroy",
	disintegrate: "destroy",
	grind: "destroy",
};
const METHODS = Object.keys(TYPES);
const numberIn = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Throws {@link NotValid} where the certificate isn't what the steps and the policy make of it. Resolves to how many steps it is about. */
export function checkCertificate(certificate: Fields, steps: readonly Step[], policyText: string, lines: string[]): void {
	const chain = listOf(certificate, "chain");
	const certified = steps.slice(0, chain.length);
	if (certified.length < chain.length) throw new NotValid(`the certificate is about ${chain.length} steps, the pack has ${steps.length}.`);
	for (const [place, link] of chain.entries())
		if (!isDeepStrictEqual(link, linkOf(certified[place] as Step))) throw new NotValid(`the certificate says something else of step ${place + 1}.`);
	const medium = checkedMedium(certificate, certified.at(-1));
	const policy = fieldsOf(certificate.policy, "certificate.policy");
	if (digestOf(policyText) !== policy.digest) throw new NotValid("the policy is not the one that the certificate names.");
	if (steps.some((step) => step.policy !== policy.version)) throw new NotValid("a step was judged by another policy than the certificate names.");
	const methods = checkMethods(certificate, certified, lines);
	checkAllowed(methods, medium, fieldsOf(JSON.parse(policyText), "policy"), countOf(policy, "version"), lines);
	checkIncidents(certificate, certified);
	checkRelease(certificate, steps.slice(chain.length), lines);
}

function linkOf({ number, act, at, place, account, name, username, told, photos, unseen, deviations, incident, digest, index }: Step): Fields {
	const seal = told.seal === null || told.seal === undefined ? null : fieldsOf(told.seal, "seal").number;
	return {
		number,
		act,
		at,
		place,
		by: { account, name, contact: username },
		store: told.store ?? null,
		sealIn: seal,
		sealOut: told.newSeal ?? null,
		photos,
		unseen,
		...(deviations && { deviations }),
		incident: incident?.kind ?? null,
		digest,
		ledgerIndex: index,
	};
}

function checkedMedium(certificate: Fields, last: Step | undefined): Fields {
	const medium = fieldsOf(certificate.medium, "certificate.medium");
	const { before } = fieldsOf(certificate.classification, "certificate.classification");
	const order = fieldsOf(certificate.order, "certificate.order");
	const said = { ...medium, classification: before, batch: order.id };
	for (const name of ["id", "serial", "maker", "model", "type", "damaged", "classification", "batch"])
		if (said[name as keyof typeof said] !== last?.medium[name])
			throw new NotValid(
				`the certificate's ${name} is "${String(said[name as keyof typeof said])}", the signed steps say "${String(last?.medium[name])}".`,
			);
	return said;
}

interface Done {
	method: string;
	particleMm: number | null;
	fieldOe: number | null;
}

/** The methods that were done last, each verified by a second person; the certificate has the same. */
function checkMethods(certificate: Fields, steps: readonly Step[], lines: string[]): Done[] {
	const passed: { operated: Step; verified: Step }[] = [];
	let open: Step | null = null;
	for (const step of steps) {
		if (step.incident) continue;
		if (METHODS.includes(step.act)) open = step;
		if (step.act !== "verify") continue;
		if (open && step.told.result === "pass") passed.push({ operated: open, verified: step });
		open = null;
	}
	const said = listOf(certificate, "sanitization");
	if (said.length === 0 || said.length > passed.length)
		throw new NotValid(`the certificate names ${said.length} methods, and ${passed.length} were done and verified.`);
	const last = passed.slice(-said.length);
	if (last.at(-1)?.verified !== steps.at(-1)) throw new NotValid("the certificate was not issued at the last verification.");
	return last.map(({ operated, verified }, place) => {
		const one = fieldsOf(said[place], `certificate.sanitization[${place}]`);
		const tool = fieldsOf(one.tool, `certificate.sanitization[${place}].tool`);
		const { machine, act } = operated;
		if (!machine) throw new NotValid(`step ${operated.number} names no machine.`);
		if (operated.account === verified.account || (operated.person !== null && operated.person === verified.person))
			throw new NotValid(`${act}: ${operated.name} has done it and verified it; operator and verifier are two people.`);
		const { records: tested, ...rest } = machine;
		const { records, ...named } = tool;
		const agrees =
			one.method === act &&
			one.type === TYPES[act] &&
			one.technique === (operated.told.technique ?? null) &&
			one.verification === verified.told.how &&
			isDeepStrictEqual(rest, named) &&
			isSigner(one.operator, operated) &&
			isSigner(one.verifier, verified);
		if (!agrees) throw new NotValid(`what the certificate says of ${act} is not what the steps ${operated.number} and ${verified.number} say.`);
		checkMachine(operated, machine, listOf({ tested }, "tested"), listOf({ records }, "records"));
		lines.push(
			`${act}: done by ${operated.name}, verified by ${verified.name} (${String(verified.told.how)}), with ${String(machine.name)}, serial ${String(machine.serial)}, its tests in date.`,
		);
		return { method: act, particleMm: numberIn(machine.particleMm), fieldOe: numberIn(machine.fieldOe) };
	});
}

/** All but the title, which no step has. */
function isSigner(value: unknown, { account, name, username, at, place, number, digest, index, signature }: Step): boolean {
	const { title: _title, ...signer } = fieldsOf(value, "certificate.sanitization");
	return isDeepStrictEqual(signer, { account, name, contact: username, at, place, step: number, digest, ledgerIndex: index, signature });
}

/** The newest record of each kind that the machine needs was passed and in date when it was used, and the certificate names it. */
function checkMachine({ act, at }: Step, machine: Fields, tested: readonly unknown[], named: readonly unknown[]): void {
	const kind = Object.hasOwn(MACHINES, String(machine.kind)) ? MACHINES[String(machine.kind)] : undefined;
	if (kind?.method !== act) throw new NotValid(`${String(machine.name)} is no machine for this: ${act}.`);
	const used = Date.parse(at);
	const all = tested.map((record) => fieldsOf(record, "machine.records"));
	const standing = kind.needs.map((need) => {
		const made = all.filter((record) => record.kind === need && countOf(record, "at") <= used);
		const [newest] = made.sort((a, b) => countOf(b, "at") - countOf(a, "at"));
		if (newest?.passed !== true || countOf(newest, "validUntil") <= used)
			throw new NotValid(`the ${need} of ${String(machine.name)} was not in date when it was used.`);
		return newest;
	});
	const said = named.map((record) => {
		const { by: _by, reference: _reference, ...rest } = fieldsOf(record, "certificate.tool.records");
		return rest;
	});
	if (!isDeepStrictEqual(said, standing))
		throw new NotValid(`the certificate names other tests of ${String(machine.name)} than those that stood for it.`);
}

/** The chain of methods is one that the policy allows for this medium; read here apart from the server's own rules. */
function checkAllowed(methods: readonly Done[], medium: Fields, policy: Fields, version: number, lines: string[]): void {
	const classification = medium.damaged === true ? "high" : medium.classification;
	const rule = listOf(policy, "rules")
		.map((item) => fieldsOf(item, "policy.rules"))
		.find((one) => one.type === medium.type && one.classification === classification);
	const chains = rule ? listOf(rule, "chains") : [];
	const said = methods.map(({ method, particleMm }) => `${method}${particleMm === null ? "" : ` to ${particleMm} mm`}`).join(", then ");
	const allowed = chains.some((chain) => {
		const wanted = listOf({ chain }, "chain").map((step) => fieldsOf(step, "policy.rules.chains"));
		return wanted.length === methods.length && wanted.every((step, place) => fits(step, methods[place] as Done));
	});
	const what = `${String(medium.type)}, ${String(classification)}`;
	if (!allowed) throw new NotValid(`policy version ${version} doesn't allow this for ${what}: ${said}.`);
	const needed = coercivityOf(medium, policy);
	for (const { method, fieldOe } of methods)
		if (method === "degauss" && (fieldOe === null || needed === null || fieldOe <= needed))
			throw new NotValid(`a field of ${String(fieldOe)} Oe is too weak for a coercivity of ${String(needed)} Oe.`);
	lines.push(`Policy version ${version} allows this for ${what}: ${said}.`);
}

/** The strictest of what stands for the type, for the model and at the medium, oersted. */
function coercivityOf(medium: Fields, policy: Fields): number | null {
	const usual = numberIn(fieldsOf(policy.coercivityOe, "policy.coercivityOe")[medium.type === "tape" ? "tape" : "hdd"]);
	const plain = (value: unknown) => String(value).trim().toLowerCase();
	const models = listOf({ list: policy.coercivities ?? [] }, "list")
		.map((item) => fieldsOf(item, "policy.coercivities"))
		.filter((one) => one.type === medium.type && plain(one.maker) === plain(medium.maker) && plain(medium.model).startsWith(plain(one.model)));
	const known = [numberIn(medium.coercivityOe), ...models.map(({ oersted }) => numberIn(oersted))].filter((one) => one !== null);
	return usual === null ? null : Math.max(usual, ...known);
}

function fits({ method, particleMm }: Fields, done: Done): boolean {
	if (method !== done.method) return false;
	return particleMm === undefined || (typeof particleMm === "number" && done.particleMm !== null && done.particleMm <= particleMm);
}

/** What stopped the chain is told of, and over. */
function checkIncidents(certificate: Fields, steps: readonly Step[]): void {
	const named = listOf(certificate, "incidents").map((item) => fieldsOf(item, "certificate.incidents"));
	for (const { incident, number } of steps) {
		if (!incident) continue;
		const found = named.find(({ id }) => id === incident.id);
		if (found?.kind !== incident.kind || found.closedAt === null)
			throw new NotValid(`the certificate is silent about the incident of step ${number}, or it was open still.`);
	}
}

/** Where it went, if it has left by the pack. */
function checkRelease(certificate: Fields, later: readonly Step[], lines: string[]): void {
	const { kind, organisation } = fieldsOf(certificate.destination, "certificate.destination");
	if (kind !== "recycling" && kind !== "scrap") throw new NotValid(`a destroyed medium leaves as scrap or for recycling, not for ${String(kind)}.`);
	const step = later.findLast(({ act, incident }) => act === "release" && incident === null);
	if (step && !isDeepStrictEqual(step.told.destination, { kind, organisation }))
		throw new NotValid(`step ${step.number} released it to somebody else than the certificate says.`);
	lines.push(
		step
			? `Released by ${textOf(fieldsOf({ name: step.name }, "step"), "name")} at ${step.at} for ${String(kind)}: ${String(organisation)}.`
			: "The pack does not show that it has left; it was made before, or it is still there.",
	);
}
