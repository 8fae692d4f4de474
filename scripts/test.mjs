/** `npm test`: from a fresh clone to a verdict. The last line is `N passed, N failed, N skipped`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { buildDashboard, install, node, root, run } from "./setup.mjs";

/** What the suites use beside npm packages: Debian package, file that shows that it is there, what needs it. */
const PROGRAMS = [
	{ package: "influxdb", file: "/usr/bin/influxd", suites: "history on InfluxDB, faults" },
	{ package: "mosquitto", file: "/usr/sbin/mosquitto", suites: "external brokers" },
	{ package: "chromium", file: "/usr/bin/chromium", suites: "end-to-end" },
];

const results = { passed: 0, failed: 0, skipped: 0 };
await install();
await installPrograms();
await buildDashboard();
const bin = join(root, "node_modules", ".bin");
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };

await Promise.all([
	step("types", [join(bin, "tsc"), "-p", "."]),
	(async () => {
		await step("format and lint", [join(bin, "biome"), "ci", "--colors=off"]);
		await step("promises and types in lint", [join(bin, "oxlint"), "--type-aware", "--deny-warnings"]);
	})(),
]);
await suites();
console.log(`${results.passed} passed, ${results.failed} failed, ${results.skipped} skipped`);
process.exit(results.failed > 0 || results.passed === 0 ? 1 : 0);

async function step(name, [command, ...args]) {
	console.log(`\n== ${name}`);
	const code = await run(command, args, { env });
	results[code === 0 ? "passed" : "failed"]++;
	console.log(code === 0 ? `${name}: good` : `${name}: FAILED`);
}

async function suites() {
	const folder = mkdtempSync(join(tmpdir(), "watchroom-tests-"));
	const report = join(folder, "report.json");
	console.log("\n== unit, contract, integration, fault and end-to-end tests");
	const code = await run(
		node,
		[join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
		// The tests start hundreds of processes of the same few programs: each is compiled once.
		{ env: { ...env, NODE_COMPILE_CACHE: join(folder, "compiled") } },
	);
	if (existsSync(report)) {
		const counted = JSON.parse(readFileSync(report, "utf8"));
		results.passed += counted.numPassedTests;
		results.failed += counted.numFailedTests;
		results.skipped += counted.numPendingTests + counted.numTodoTests;
		// A file that fails to load, or an error outside of any test, fails the run without a failed test.
		if (code !== 0 && counted.numFailedTests === 0) results.failed++;
	} else results.failed++;
	rmSync(folder, { recursive: true, force: true });
}

async function installPrograms() {
	const missing = PROGRAMS.filter((program) => !existsSync(program.file));
	if (missing.length === 0) return;
	const names = missing.map((program) => program.package);
	if (existsSync("/etc/debian_version") && process.getuid?.() === 0) {
		console.log(`Installing ${names.join(", ")} from Debian for the tests ...`);
		const quiet = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, stdio: ["ignore", "ignore", "inherit"] };
		await run("apt-get", ["update", "-qq"], quiet);
		// Services must not start by themselves: the tests start their own, on free ports.
		await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names, "fonts-noto-cjk"], {
			...quiet,
			env: { ...quiet.env, RUNLEVEL: "1" },
		});
	}
	for (const program of missing.filter((one) => !existsSync(one.file)))
		console.log(
			`Not here: ${program.package} (${program.file}). These tests can't run: ${program.suites}. On Debian: apt-get install ${program.package}`,
		);
}
