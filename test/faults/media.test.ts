/** Five hundred media in ten orders, worked through by four people with everything that goes wrong in a year. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MediumType, MediumView } from "../../contracts/media.ts";
import type { Reconciliation } from "../../contracts/media-orders.ts";
import type { Role } from "../../contracts/permissions.ts";
import { verifyMediaPack } from "../../server/custody/verify-media-pack.ts";
import { NODE } from "../helpers/child-process.ts";
import { MediaStaff } from "../helpers/media-staff.ts";
import { type System, system } from "../helpers/system.ts";
import { waitFor } from "../helpers/wait-for.ts";

const ORDERS = 10;
const EACH = 50;
const AT_ONCE = 6;
/** Removes and stores; hands over to the one who destroys; verifies and lets leave. */
const [REMOVER, DESTROYER, VERIFIER]: [Role, Role, Role] = ["operator", "facility-manager", "media-custodian"];
/** Leaves the company in the middle of it. */
const LEAVER: Role = "shift-lead";
const DESTINATION = { kind: "recycling", organisation: "Green Metals" };
const TYPES: readonly MediumType[] = ["hdd", "hdd", "hdd", "tape", "ssd", "nvme", "hybrid", "optical", "unknown", "hdd"];

/** What goes wrong with a medium, by its place in the work; each is a kind of incident but the last two. */
const FAULTS = {
	lost: 3,
	"swapped-one": 13,
	"swapped-other": 14,
	"broken-seal": 27,
	"expired-degausser": 50,
	"ssd-labelled-hdd": 61,
	"custodian-leaves": 90,
	"offline-conflict": 110,
	"missing-in-count": 131,
	"offline-late": 150,
	"two-at-once": 170,
} as const;
type Fault = keyof typeof FAULTS;
const serialOf = (place: number) => `SN-${String(place).padStart(4, "0")}`;
const faultOf = (place: number): Fault | undefined => (Object.keys(FAULTS) as Fault[]).find((name) => FAULTS[name] === place);

let running: System;
let staff: MediaStaff;
let machines: Record<"degausser" | "expired" | "crusher" | "shredder" | "disintegrator", string>;
beforeAll(async () => {
	running = await system();
	await running.startServer();
	staff = new MediaStaff(running);
	for (const role of [REMOVER, DESTROYER, VERIFIER, LEAVER, "system-administrator"] as const) await staff.account(role);
	machines = {
		degausser: await staff.machine("degausser", { fieldOe: 12_000 }),
		expired: await staff.machine("degausser", { fieldOe: 12_000, expired: true }),
		crusher: await staff.machine("crusher"),
		shredder: await staff.machine("shredder", { particleMm: 2 }),
		disintegrator: await staff.machine("disintegrator", { particleMm: 2 }),
	};
	await staff.make("/stores", { id: "cage", name: "Cage", room: "hall-a", door: null });
}, 180_000);
afterAll(async () => {
	await running?.stop();
});

test("every fault is an incident that names its medium, everything else reconciles, and all evidence verifies offline", {
	timeout: 1_200_000,
}, async () => {
	const people = await Promise.all([REMOVER, DESTROYER, VERIFIER, LEAVER].map((role) => staff.account(role)));
	const orders: string[] = [];
	const media: { id: string; serial: string; place: number; order: string }[] = [];
	for (let number = 0; number < ORDERS; number++) {
		const { id } = await staff.make("/batches", {
			title: `Row ${number}`,
			place: "hall-a",
			plannedFor: "2026-11-26",
			people,
			destination: DESTINATION,
		});
		orders.push(id);
		const lines = Array.from({ length: EACH }, (_, line) => {
			const place = number * EACH + line;
			const type = faultOf(place) ? "hdd" : TYPES[place % TYPES.length];
			return `${serialOf(place)},Acme,X,${type},low,end of life,srv-${place >> 3},${place & 7}`;
		});
		const file = ["serial,maker,model,type,classification,why,asset,bay", ...lines].join("\n");
		const shown = await importFile(id, file);
		await importFile(id, file, shown.hash);
		for (const { id: medium, serial } of await running.items<MediumView>(`/api/v1/media?batch=${id}&limit=500`, "auditor"))
			media.push({ id: medium, serial, place: Number(serial.slice(3)), order: id });
	}
	expect(media).toHaveLength(ORDERS * EACH);

	// Six hands; the server is killed in the middle of it, more than once.
	const left = media.toSorted((one, other) => one.place - other.place);
	const expected: string[] = [];
	let done = 0;
	const kills = [120, 260, 400];
	const hand = async () => {
		for (let next = left.shift(); next; next = left.shift()) {
			const kind = await work(next);
			if (kind !== null) expected.push(`${kind} ${next.serial}`);
			done++;
			if (kills[0] !== undefined && done >= kills[0]) {
				kills.shift();
				await running.server?.stop("SIGKILL");
				await running.startServer();
			}
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, hand));
	expect(done).toBe(ORDERS * EACH);
	// Nobody takes anything out of the cage or puts anything in while it is counted; somebody has taken one from it without a word.
	const there = await running.items<MediumView>("/api/v1/media?store=cage&limit=500", "auditor");
	const found = there.map(({ serial }) => serial).filter((serial) => serial !== serialOf(FAULTS["missing-in-count"]));
	await staff.make("/stores/cage/counts", { serials: found }, REMOVER);

	const named = (await staff.incidents("")).map(({ kind, serials }) => `${kind} ${serials.join()}`);
	expect(new Set(named), "each fault, and nothing else").toEqual(new Set(expected));
	expect(named).toHaveLength(expected.length);

	await settle();
	for (const order of orders) {
		const closed = await running.post(`/api/v1/media/batches/${order}/close`, { deviations: "planned for another day" }, "media-custodian");
		expect(closed.status, JSON.stringify(closed.body)).toBe(200);
		const set = await running.get<Reconciliation>(`/api/v1/media/batches/${order}/reconciliation`, "auditor");
		const lost = FAULTS.lost < EACH && order === orders[0] ? 1 : 0;
		expect([set.planned.length, set.destroyed.length, set.certified.length, set.writtenOff.length]).toEqual([EACH, EACH - lost, EACH - lost, lost]);
	}
	await evidence(media.filter(({ place }) => place !== FAULTS.lost).map(({ id }) => id));
});

async function importFile(order: string, file: string, hash?: string): Promise<{ hash: string }> {
	const path = `/api/v1/media/batches/${order}/import${hash ? `?hash=${hash}` : ""}`;
	const answer = await running.ask(path, { method: "POST", headers: { "content-type": "text/csv" }, body: file }, "media-custodian");
	const result = (await answer.json()) as { hash: string; counts: { refused: number } };
	expect(result.counts.refused).toBe(0);
	return result;
}

/** One medium from its bay to the recycler, or as far as its fault lets it; resolves to the kind of incident that it has become. */
async function work({ id, place }: { id: string; place: number }): Promise<string | null> {
	const fault = faultOf(place);
	const seal = `S-${place}`;
	const remover: Role = fault === "custodian-leaves" ? LEAVER : REMOVER;
	if (fault === "swapped-one" || fault === "swapped-other") {
		const other = serialOf(FAULTS[fault === "swapped-one" ? "swapped-other" : "swapped-one"]);
		expect(await staff.step(id, { act: "remove", serial: other, serialAgain: other, newSeal: seal }, remover)).toMatchObject({
			code: "chain-stopped-now",
		});
		return "wrong-serial";
	}
	if (fault === "two-at-once") {
		const told = [await staff.told(id, { act: "remove", newSeal: seal }), await staff.told(id, { act: "remove", newSeal: `${seal}-b` })];
		const answers = await Promise.all([staff.send(id, told[0] ?? {}, REMOVER), staff.send(id, told[1] ?? {}, DESTROYER)]);
		expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(["changed-meanwhile", null]));
		// Whoever was first hands it to the remover, should it be the other.
		if (answers[0]?.medium === null) await handOver(id, DESTROYER, REMOVER);
	} else if (fault === "offline-late") {
		// Told an hour after it was done, as a phone without a network does; and once more, since the answer was lost.
		const told = { ...(await staff.told(id, { act: "remove", newSeal: seal })), queued: true, at: new Date(Date.now() - HOUR).toISOString() };
		expect((await staff.send(id, told, remover)).status).toBe(201);
		expect((await staff.send(id, told, remover)).medium?.steps).toBe(1);
	} else await staff.do(id, { act: "remove", newSeal: seal }, remover);

	if (fault === "lost") {
		await staff.do(id, { act: "report", incident: "lost", text: "not on the trolley any more" }, remover);
		return "lost";
	}
	if (fault === "custodian-leaves") {
		const closed = await running.post(`/api/v1/users/${await staff.account(LEAVER)}/close`, {}, "system-administrator");
		expect(closed.status).toBe(200);
		await waitFor("the chain to stop", async () => (await staff.medium(id)).incident !== null, 30_000, 200);
		return "custodian-left";
	}
	await staff.do(id, { act: "store", store: "cage" }, remover);
	// Stays there, until the cage is counted.
	if (fault === "missing-in-count") return "missing-in-count";
	if (fault === "offline-conflict") {
		// A phone believes that it is still where it was removed, and another has moved on meanwhile.
		const stale = { ...(await staff.told(id, { act: "take", store: "cage" })), id: randomUUID(), queued: true };
		await staff.do(id, { act: "take", store: "cage" }, REMOVER);
		expect(await staff.send(id, stale, DESTROYER)).toMatchObject({ code: "chain-stopped-now" });
		return "out-of-order";
	}
	await staff.do(id, { act: "take", store: "cage" }, REMOVER);
	if (fault === "broken-seal") {
		await staff.do(id, { act: "offer", to: await staff.account(DESTROYER) }, REMOVER);
		const broken = { act: "accept" as const, seal: { number: seal, intact: false } };
		expect(await staff.step(id, broken, DESTROYER)).toMatchObject({ code: "chain-stopped-now" });
		return "broken-seal";
	}
	await handOver(id, REMOVER, DESTROYER);
	if (fault === "expired-degausser") {
		expect(await staff.step(id, { act: "degauss", equipment: machines.expired }, DESTROYER)).toMatchObject({ code: "chain-stopped-now" });
		return "unfit-equipment";
	}
	if (fault === "ssd-labelled-hdd") {
		await staff.do(id, { act: "degauss", equipment: machines.degausser }, DESTROYER);
		await staff.do(id, { act: "report", incident: "wrong-type", text: "flash under the label of a disk" }, DESTROYER);
		return "wrong-type";
	}
	await destroy(id);
	return null;
}

async function handOver(id: string, from: Role, to: Role): Promise<void> {
	await staff.do(id, { act: "offer", to: await staff.account(to) }, from);
	await staff.do(id, { act: "accept" }, to);
}

/** From the one who destroys to the recycler, by what its policy asks for. */
async function destroy(id: string): Promise<void> {
	for (let { next } = await staff.medium(id); next.length > 0; { next } = await staff.medium(id)) {
		const methods = next.map(({ method }) => method);
		const [method, equipment] = methods.includes("degauss")
			? (["degauss", machines.degausser] as const)
			: methods.includes("crush")
				? (["crush", machines.crusher] as const)
				: methods.includes("disintegrate")
					? (["disintegrate", machines.disintegrator] as const)
					: (["shred", machines.shredder] as const);
		await staff.do(id, { act: method, equipment }, DESTROYER);
		await staff.do(id, { act: "verify" }, VERIFIER);
	}
	await handOver(id, DESTROYER, VERIFIER);
	const { state } = await staff.do(id, { act: "release", destination: DESTINATION }, VERIFIER);
	expect(state).toBe("released");
}

/** Two people end every incident, and the work on its medium goes on; the lost one is written off. */
async function settle(): Promise<void> {
	const destroyer = await staff.account(DESTROYER);
	for (const { id, kind, medium } of await staff.incidents()) {
		if (kind === "lost") {
			await staff.end(id, { kind: "lost" });
			continue;
		}
		const type = kind === "wrong-type" ? { type: "ssd" as const } : {};
		await staff.end(id, { kind: "resume", custodian: { account: destroyer }, seal: null, redo: kind === "unfit-equipment", ...type });
		if (medium !== null) await destroy(medium);
	}
	expect(await staff.incidents()).toEqual([]);
}

async function evidence(ids: readonly string[]): Promise<void> {
	let sample = "";
	for (const [place, id] of ids.entries()) {
		const answer = await running.ask(`/api/v1/media/${id}/certificate.json`, {}, "facility-manager");
		const text = await answer.text();
		expect(answer.status, text.slice(0, 300)).toBe(200);
		const { ok, lines } = verifyMediaPack(JSON.parse(text));
		expect({ id, ok, why: ok ? null : lines.at(-1) }).toEqual({ id, ok: true, why: null });
		sample = text;
		if (place % 50 === 0)
			for (let time = 0; time < 20; time++) expect(holds(changedByte(text, place * 31 + time * 7919)), `${id}, ${time}`).toBe(false);
	}
	// And as an auditor does it, with the server stopped.
	await running.server?.stop();
	const file = join(running.directory, "pack.json");
	await writeFile(file, sample);
	const { stdout } = await promisify(execFile)(NODE, ["server/cli.ts", "verify", file]);
	expect(stdout).toContain("SELF-CONSISTENT");
}

/** One letter or digit of the pack is another one. */
function changedByte(text: string, seed: number): string {
	let at = (seed * 2_654_435_761) % text.length;
	while (!/[0-9a-zA-Z]/.test(text[at] ?? "")) at = (at + 1) % text.length;
	return `${text.slice(0, at)}${text[at] === "7" ? "8" : "7"}${text.slice(at + 1)}`;
}
function holds(text: string): boolean {
	try {
		return verifyMediaPack(JSON.parse(text)).ok;
	} catch {
		return false;
	}
}

const HOUR = 3_600_000;
