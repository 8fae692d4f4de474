import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AccessListEntry, accessListPartSchema, inParts } from "../../../contracts/access-list.ts";
import { answerCommand, type ControllerMemory, EMPTY_MEMORY } from "../../../simulators/devices/commands.ts";
import { SimulatedController } from "../../../simulators/devices/simulated-controller.ts";
import { Simulation } from "../../../simulators/simulation.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { demoWorld } from "./demo-site.ts";

const card = (number: number) => ({ format: "H10301", facility: 1, number });
const entry = (number: number): AccessListEntry => ({ door: "d", card: card(number), fingerprint: null, from: null, until: null, hours: null });
const list = (name: string, count: number) =>
	inParts({ list: name, timeZone: "Asia/Shanghai", entries: Array.from({ length: count }, (_, number) => entry(number)) });

/** Puts parts in this order; the memory after it and what was answered last. */
function put(memory: ControllerMemory, parts: readonly object[]) {
	let [after, said] = [memory, {} as Record<string, unknown>];
	for (const body of parts) {
		const { memory: next, result } = answerCommand("c", after, { id: "1", op: "access-list.put", body: { ...body } });
		expect(result).toMatchObject({ ok: true, error: null });
		[after, said] = [next, result.body];
	}
	return { memory: after, said };
}
const held = (memory: ControllerMemory, part = 0) => answerCommand("c", memory, { id: "2", op: "access-list.get", body: { part } }).result;

describe("the commands of a simulated controller", () => {
	test("without a list it says so", () => {
		expect(accessListPartSchema.parse(held(EMPTY_MEMORY).body)).toMatchObject({ list: "none", parts: 1, entries: [] });
	});

	test("a list counts once all its parts are there, in whatever order, and the one before counts until then", () => {
		const first = put(EMPTY_MEMORY, list("one", 3));
		expect(first.said).toEqual({ list: "one" });
		const [a, b, c] = list("two", 500);
		const partly = put(first.memory, [c ?? {}, a ?? {}]);
		expect([partly.said, held(partly.memory).body.list]).toEqual([{}, "one"]);
		const { memory, said } = put(partly.memory, [b ?? {}]);
		expect(said).toEqual({ list: "two" });
		expect([0, 1, 2].map((part) => held(memory, part).body)).toEqual([a, b, c]);
		expect(held(memory, 3)).toMatchObject({ ok: false, error: "there is no part 3, only 3" });
	});

	test("a part that comes again changes nothing, and the last is answered as before", () => {
		const parts = list("one", 500);
		const { memory } = put(EMPTY_MEMORY, [parts[0] ?? {}, parts[0] ?? {}, parts[1] ?? {}, parts[2] ?? {}]);
		expect(put(memory, [parts[2] ?? {}])).toMatchObject({ said: { list: "one" }, memory: { held: memory.held } });
	});

	test.each([
		["access-list.put", {}],
		["access-list.put", { ...list("x", 1)[0], entries: [{ ...entry(1), template: "x" }] }],
		["access-list.get", { part: -1 }],
		["reboot", {}],
	])("%s of %j is answered with an error and changes nothing", (op, body) => {
		const { memory, result } = answerCommand("c", EMPTY_MEMORY, { id: "1", op, body });
		expect([result.ok, memory]).toEqual([false, EMPTY_MEMORY]);
		expect(result.error).not.toBe("");
	});
});

describe("a simulated controller", () => {
	let folder: TemporaryDirectory;
	beforeEach(async () => {
		folder = await temporaryDirectory("controller");
	});
	afterEach(() => folder.remove());
	const at = { door: "d", direction: "in", ts: 1 } as const;
	const path = () => join(folder.path, "lists", "c.json");
	const judged = (controller: SimulatedController, number: number) => controller.judge({ card: card(number), fingerprint: null }, at)?.result;

	test("decides by its list, goes on with it after a restart, and knows nobody once it is lost, also after a restart", () => {
		const controller = new SimulatedController("c", path(), 0);
		expect(judged(controller, 1)).toBeUndefined();
		for (const body of list("one", 3)) controller.obey({ id: "1", op: "access-list.put", body: { ...body } });
		const restarted = new SimulatedController("c", path(), 0);
		expect([judged(controller, 2), judged(restarted, 2), judged(restarted, 3)]).toEqual(["granted", "granted", "denied"]);
		restarted.lose();
		expect([judged(restarted, 2), judged(new SimulatedController("c", path(), 0), 2)]).toEqual(["denied", "denied"]);
	});

	test("with a damaged copy doesn't start as if there had been none", () => {
		new SimulatedController("c", path(), 0).lose();
		writeFileSync(path(), '{"list":1}');
		expect(() => new SimulatedController("c", path(), 0)).toThrow(/holds no access list/);
	});

	test("that refuses everything changes nothing", () => {
		const controller = new SimulatedController("c", path(), 1);
		expect(controller.obey({ id: "1", op: "access-list.put", body: { ...list("one", 3)[0] } })).toMatchObject({
			ok: false,
			error: "busy, try again",
		});
		expect(judged(controller, 1)).toBeUndefined();
	});
});

test("who is refused by a controller turns back: the door stays shut, and nothing more is seen of that visit", () => {
	const world = demoWorld();
	const refused: string[] = [];
	const simulation = new Simulation(world, 1, 0, (_controller, { card: shown }, { door }) => {
		refused.push(`${door}/${shown?.number}`);
		return { result: "denied", reason: "denied-no-rights" };
	});
	const messages = [];
	for (let now = 100; now <= 600_000; now += 1000) messages.push(...simulation.advance(now).messages);
	const badges = messages.filter((message) => message.type === "access");
	expect(refused.length).toBeGreaterThanOrEqual(3);
	// The first door of every visit, and no other; a card that was meant to be refused is not asked about.
	expect(badges.every(({ body }) => body.result === "denied")).toBe(true);
	const outside = new Set(world.site.doors.filter(({ from }) => from === "outside").map(({ id }) => id));
	expect(refused.filter((text) => !outside.has(text.split("/")[0] ?? ""))).toEqual([]);
	const moved = messages.filter((message) => message.type === "door" && message.body.state !== "closed");
	expect(moved).toEqual([]);
});

test("somebody shows their card at a door when asked for: what the controller says is reported, and the door moves only for who is let in", () => {
	const world = demoWorld();
	let verdict: "granted" | "denied" = "granted";
	const simulation = new Simulation(world, 1, 0, () => ({ result: verdict, reason: verdict === "granted" ? "granted" : "denied-no-rights" }));
	const said = (from: number) => {
		const all = [];
		for (let now = from; now <= from + 6000; now += 100) all.push(...simulation.advance(now).messages);
		return all.flatMap((message) =>
			message.type !== "reading" && message.body.door === "hall-a-door" ? [message.type === "access" ? message.body.reason : message.body.state] : [],
		);
	};
	simulation.advance(0);
	expect(simulation.swipe("li-na", "hall-a-door")).toBe("granted");
	expect(said(100)).toEqual(["granted", "unlocked", "open", "closed", "locked"]);
	verdict = "denied";
	expect(simulation.swipe("li-na", "hall-a-door")).toBe("denied-no-rights");
	expect(said(10_000)).toEqual(["denied-no-rights"]);
	expect(() => simulation.swipe("nobody", "hall-a-door")).toThrow(/no holder nobody/);
	expect(() => simulation.swipe("li-na", "nowhere")).toThrow(/expected one of front-door/);
});
