/** Brings a checkout into a state in which it can run: packages installed, Node 24 in place, dashboard built. Runs on Node 18 or newer. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The Node.js that everything but these scripts runs on. */
export const node = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/** Runs a program, its output shown; resolves with its exit code. */
export function run(command, args, options = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
		child.on("error", reject);
		child.on("exit", (code, signal) => resolve(code ?? (signal ? 1 : 0)));
	});
}

/** Installs the packages of the lock file, unless that has been done; ends the process with advice when it can't. */
export async function install() {
	const stamp = join(root, "node_modules", ".watchroom-installed");
	const wanted = createHash("sha256")
		.update(readFileSync(join(root, "package-lock.json")))
		.update(process.platform + process.arch)
		.digest("hex");
	if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
		console.log("Installing packages (once, about a minute) ...");
		// Not `npm ci`: it refuses a lock file that was written where the registry lacks other platforms' binaries.
		const path = (process.env.PATH ?? "")
			.split(":")
			.filter((part) => !part.endsWith("node_modules/.bin"))
			.join(":");
		const code = await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], { env: { ...process.env, PATH: path } });
		if (code !== 0) fail("npm install failed; its messages are above. It needs the npm registry once.");
		checkNode();
		writeFileSync(stamp, wanted);
	}
	checkNode();
}

function checkNode() {
	const version = existsSync(node) ? spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim() : undefined;
	if (!version?.startsWith("v24."))
		fail(
			`Watchroom runs on Node.js 24 from the package "node", but ${version ?? "nothing"} stands at ${node}.\n` +
				"Its install script places it: run `npm install-scripts approve node && npm rebuild node`, or delete node_modules and start again.",
		);
}

/** Builds the dashboard, unless the one that is there was made from the same sources. */
export async function buildDashboard() {
	const stamp = join(root, "dashboard", "dist", ".built-from");
	const sources = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
	for (const folder of ["dashboard", "contracts"])
		for (const file of files(join(root, folder))) sources.update(relative(root, file)).update(readFileSync(file));
	const wanted = sources.digest("hex");
	if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
	console.log("Building the dashboard (once, some seconds) ...");
	const code = await run(node, [join(root, "node_modules", "vite", "bin", "vite.js"), "build", "dashboard", "--logLevel", "warn"]);
	if (code !== 0) fail("The dashboard could not be built; the messages are above.");
	mkdirSync(dirname(stamp), { recursive: true });
	writeFileSync(stamp, wanted);
}

function files(folder) {
	return readdirSync(folder)
		.filter((name) => name !== "dist" && name !== "node_modules")
		.sort()
		.map((name) => join(folder, name))
		.flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}

export function fail(message) {
	console.error(`\n${message}\n`);
	process.exit(1);
}
