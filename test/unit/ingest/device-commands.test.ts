import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DeviceResult, deviceCommandSchema } from "../../../contracts/uplink.ts";
import { DeviceCommands } from "../../../server/ingest/device-commands.ts";
import { worldSource } from "../../helpers/small-world.ts";

let sent: { topic: string; device: string; id: string }[];
let status: "online" | "offline" | "unknown";
const make = (limit = 500) =>
	new DeviceCommands({
		world: worldSource(),
		agents: { statusOf: () => status },
		transport: {
			publish(topic, payload) {
				const { device, command } = deviceCommandSchema.parse(JSON.parse(payload));
				sent.push({ topic, device, id: command.id });
			},
		},
		timeout: 1000,
		repeatEvery: 300,
		limit,
	});
const answer = (more: Partial<DeviceResult["result"]>, refused?: DeviceResult["refused"], device = "c1") =>
	Buffer.from(
		JSON.stringify({ device, result: { id: sent[0]?.id ?? "", ok: true, error: null, body: {}, ...more }, refused } satisfies DeviceResult),
	);

beforeEach(() => {
	vi.useFakeTimers();
	sent = [];
	status = "online";
});
afterEach(() => vi.useRealTimers());

test("a command goes to the device's agent, and its answer comes back", async () => {
	const commands = make();
	const outcome = commands.send("c1", "identify", { loud: true });
	expect(sent).toMatchObject([{ topic: "watchroom-uplink/a/command", device: "c1" }]);
	commands.result("a", answer({ body: { maker: "x" } }));
	expect(await outcome).toEqual({ ok: true, body: { maker: "x" } });
});

test.each([
	["the device's own error", answerOf({ ok: false, error: "flash is worn out" }), { reason: "device-refused", detail: "flash is worn out" }],
	["its agent's word", answerOf({ ok: false, error: "the device is offline" }, "offline"), { reason: "offline", detail: "the device is offline" }],
])("a command that fails is answered with %s", async (_, make_, expected) => {
	const commands = make();
	const outcome = commands.send("c1", "identify", {});
	commands.result("a", make_());
	expect(await outcome).toEqual({ ok: false, ...expected });
});
function answerOf(more: Partial<DeviceResult["result"]>, refused?: DeviceResult["refused"]): () => Buffer {
	return () => answer(more, refused);
}

test("a command without an answer is sent again under the same id, and given up in the end; a later answer changes nothing", async () => {
	const commands = make();
	const outcome = commands.send("c1", "identify", {});
	await vi.advanceTimersByTimeAsync(1000);
	expect(await outcome).toMatchObject({ ok: false, reason: "no-answer" });
	expect(sent.length).toBe(4);
	expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
	commands.result("a", answer({}));
	await vi.advanceTimersByTimeAsync(10_000);
	expect(sent.length).toBe(4);
});

test("a device that the site doesn't know, and one whose agent is offline, are answered at once and nothing is sent", async () => {
	expect(await make().send("ghost", "identify", {})).toMatchObject({ reason: "unknown-device" });
	status = "offline";
	expect(await make().send("c1", "identify", {})).toMatchObject({ reason: "agent-offline" });
	expect(sent).toEqual([]);
});

test("no more commands wait than the limit", async () => {
	const commands = make(1);
	const first = commands.send("c1", "identify", {});
	expect(await commands.send("c1", "identify", {})).toMatchObject({ reason: "busy" });
	commands.stop();
	expect(await first).toMatchObject({ reason: "no-answer" });
	const before = sent.length;
	expect(await commands.send("c1", "identify", {}), "after the stop").toMatchObject({ reason: "no-answer", detail: "the server stops" });
	expect(sent.length).toBe(before);
});

test.each([
	["another agent", "b", "c1"],
	["for another device", "a", "r1"],
])("an answer of %s is refused, and the command waits on", async (_, agent, device) => {
	const commands = make();
	const outcome = commands.send("c1", "identify", {});
	expect(() => commands.result(agent, answer({}, undefined, device))).toThrow(/was not asked for/);
	commands.result("a", answer({}));
	expect(await outcome).toEqual({ ok: true, body: {} });
});

test("what is no answer is refused", () => {
	expect(() => make().result("a", Buffer.from('{"device":"c1"}'))).toThrow();
	expect(() => make().result("a", Buffer.from("x"))).toThrow();
});
