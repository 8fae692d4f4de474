/** `npm run simulate`: stands in for the hardware of the site file, plays scenarios, load and recordings. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandLine, readCommandLine, USAGE } from "./command-line.ts";
import { readConfig, type SimulatorConfig } from "./config.ts";
import { type Answer, type Ask, askRunning, controlPath, listenForAsks } from "./control.ts";
import { openEventNumbers } from "./devices/event-numbers.ts";
import { Fleet } from "./devices/fleet.ts";
import { checkManifest, demoToken } from "./load/check.ts";
import { runLoad } from "./load/load.ts";
import { loadSiteYaml } from "./load/load-site.ts";
import { Player } from "./player.ts";
import { checkReplayPoint, replay } from "./replay/replay.ts";
import { findScenario, SCENARIOS } from "./scenarios/registry.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { readWorld } from "./site-file.ts";

const print = (line: string) => console.log(line);
const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ending.abort());
// Started by another process with a channel: when that one is gone, so is the reason to run.
process.on("disconnect", () => ending.abort());

try {
	process.exitCode = await run(readCommandLine(process.argv.slice(2)), ending.signal);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
// Sockets of brokers that don't answer any more must not keep the process.
setTimeout(() => process.exit(), 2000).unref();

/** Runs the command and resolves with the exit code. */
async function run(line: CommandLine, signal: AbortSignal): Promise<number> {
	if (line.list) {
		for (const scenario of SCENARIOS) print(`${scenario.name.padEnd(16)} ${scenario.sentence}`);
		return 0;
	}
	if (line.command === "help") {
		print(USAGE);
		return 0;
	}
	const config = readConfig(process.env);
	if (line.command === "load") return await load(line, config, signal);
	if (line.command === "check") return await check(line, config);
	if (line.command === "replay") return await replayFile(line, config, signal);
	if (line.command === "swipe") return await swipe(line, config, signal);
	const scenario = findScenario(line.command);
	if (!scenario) throw new Error(`There is no scenario ${line.command}; --list names them.\n${USAGE}`);
	return await simulate(scenario, line, config, signal);
}

async function simulate(scenario: Scenario, line: CommandLine, config: SimulatorConfig, signal: AbortSignal): Promise<number> {
	const world = await readWorld(config.site);
	const seed = Math.floor(line.number("seed", 1));
	const ask: Ask = {
		scenario: scenario.name,
		seed,
		delay: 1000 * line.number("at", 2),
		duration: 1000 * line.number("duration", scenario.duration),
		speed: line.number("speed", scenario.speed ?? 1, 0.001),
	};
	const path = controlPath(config.data, world.site.id);
	const answer = await askRunning(path, ask, print, signal);
	if (answer) return report(answer);

	const fleet = new Fleet(world, config.brokerUrl, openEventNumbers(join(config.data, `${world.site.id}.json`)), {
		lists: join(config.data, "lists", world.site.id),
		refuse: line.number("refuse", 0),
	});
	const player = new Player(world, fleet, seed);
	const control = await listenForAsks(path, (asked, tell, hungUp) => player.play(asked, tell, hungUp));
	const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
	try {
		await Promise.race([fleet.start(), aborted]);
		if (signal.aborted) return 0;
		player.start();
		print(`simulators ready: ${fleet.size} devices`);
		if (scenario.name === "normal") {
			await aborted;
			return 0;
		}
		const last = new Promise<Answer>((resolve) => {
			player.play(ask, (said) => ("says" in said ? print(said.says) : resolve(said)), signal);
		});
		const said = await Promise.race([last, aborted]);
		return said ? report(said) : 0;
	} finally {
		player.stop();
		await control.stop();
		await fleet.stop();
	}
}

async function swipe(line: CommandLine, config: SimulatorConfig, signal: AbortSignal): Promise<number> {
	const [holder, door] = [line.text("holder"), line.text("door")];
	if (holder === undefined || door === undefined) throw new Error(`--holder and --door are needed\n${USAGE}`);
	const world = await readWorld(config.site);
	const ask: Ask = { scenario: "swipe", seed: 1, delay: 0, duration: 0, speed: 1, swipe: { holder, door } };
	const answer = await askRunning(controlPath(config.data, world.site.id), ask, print, signal);
	return report(answer ?? { error: "No simulators are running; start them first: npm start, or npm run simulate -- normal" });
}

function report(answer: Answer): number {
	if ("error" in answer) console.error(answer.error);
	else print("done" in answer ? answer.done : answer.says);
	return "error" in answer ? 1 : 0;
}

async function load(line: CommandLine, config: SimulatorConfig, signal: AbortSignal): Promise<number> {
	const points = Math.floor(line.number("points", 1000, 1));
	const siteOut = line.text("site-out");
	if (siteOut !== undefined) {
		await writeFile(siteOut, loadSiteYaml(points, line.flag("rules")));
		print(`site file with ${points} points: ${siteOut}`);
		if (line.text("seconds") === undefined) return 0;
	}
	const manifest = await runLoad(
		{
			url: config.brokerUrl,
			points,
			rate: line.number("rate", 1000),
			seconds: line.number("seconds", 10),
			connections: Math.floor(line.number("connections", 1, 1)),
			batch: Math.floor(line.number("batch", 1, 1)),
			inFlight: Math.floor(line.number("in-flight", 5000, 1)),
			progress: (text) => console.error(text),
		},
		signal,
	);
	const file = line.text("manifest");
	if (file !== undefined) await writeFile(file, JSON.stringify(manifest));
	print(JSON.stringify(manifest.summary));
	return 0;
}

async function check(line: CommandLine, config: SimulatorConfig): Promise<number> {
	const file = line.text("manifest");
	if (file === undefined) throw new Error("--manifest: expected the file that the load wrote");
	const result = await checkManifest(file, line.text("server") ?? "http://127.0.0.1:8080", config.token ?? (await demoToken(config.demoLogIns)));
	print(JSON.stringify(result));
	return result.missing === 0 && result.extra === 0 && result.different.length === 0 ? 0 : 1;
}

async function replayFile(line: CommandLine, config: SimulatorConfig, signal: AbortSignal): Promise<number> {
	const file = line.text("file");
	const point = line.text("point");
	if (file === undefined || point === undefined) throw new Error(`--file and --point are needed\n${USAGE}`);
	checkReplayPoint(point, await readWorld(config.site), config.site);
	const from = line.text("from");
	const counts = await replay(
		{
			url: config.brokerUrl,
			file,
			point,
			time: line.text("time") ?? "timestamp",
			value: line.text("value") ?? "value",
			speed: line.number("speed", 1, 0.001),
			from: from === undefined ? null : from,
			keepTimes: line.flag("keep-times"),
			fahrenheit: line.flag("fahrenheit"),
		},
		signal,
	);
	print(JSON.stringify(counts));
	return counts.acknowledged === counts.sent ? 0 : 1;
}
