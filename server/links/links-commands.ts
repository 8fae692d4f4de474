/** `agent ...`, `device ...` and `server certificate`: links from the command line, beside a running server or without it. */
import { X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { idSchema } from "../../contracts/identifiers.ts";
import { type Actor, SYSTEM } from "../platform/actor.ts";
import { AppError } from "../platform/errors.ts";
import { type AuthorityFiles, writeSafely } from "./authority-files.ts";
import { issueServerCertificate } from "./certificate-authority.ts";
import type { LinksService } from "./links-service.ts";

/** What the commands work with; `close` frees it. */
export interface LinksConsole {
	links: LinksService;
	files: AuthorityFiles;
	/** Where agents reach the server's broker, as it is configured. */
	uplink: { port: number; tls: boolean };
	close(): Promise<void>;
}
export interface LinkCommand {
	usage: string;
	does: string;
	run(args: readonly string[]): Promise<number>;
}

/** Whoever may run commands on the server's machine. */
const CONSOLE: Actor = { ...SYSTEM, id: "console", username: "console", name: "Console", method: "console" };

/** The commands by name. `open` is called once by each run. */
export function linksCommands(open: () => Promise<LinksConsole>, say: (text: string) => void): Record<string, LinkCommand> {
	const run = (work: (opened: LinksConsole, args: Parsed) => Promise<number>) => async (args: readonly string[]) => {
		const parsed = parse(args);
		const opened = await open();
		try {
			return await work(opened, parsed);
		} finally {
			await opened.close();
		}
	};
	return {
		"agent enrol": {
			usage: "agent enrol <agent-id> [--out <folder>] [--host <server>]",
			does: "makes key and certificate of an agent, and a folder that it starts with",
			run: run(async ({ links, uplink }, { name, out, hosts }) => {
				const agent = idOf(name, "agent enrol <agent-id>");
				const folder = resolve(out ?? `agent-${agent}`);
				await mkdir(folder, { recursive: true, mode: 0o700 });
				const { ca, cert, key, expiresAt } = await links.enrol(CONSOLE, agent);
				const path = (file: string) => join(folder, file);
				await writeSafely(path("ca.pem"), ca, 0o644);
				await writeSafely(path("agent.pem"), cert, 0o644);
				await writeSafely(path("agent.key"), key);
				await writeSafely(
					path("agent.env"),
					[
						`# Environment of agent ${agent}. The paths are those of this folder: change them with it.`,
						`WATCHROOM_AGENT_ID=${agent}`,
						`UPLINK_URL=mqtts://${hosts[0] ?? hostname()}:${uplink.port}`,
						`UPLINK_CA=${path("ca.pem")}`,
						`UPLINK_CERT=${path("agent.pem")}`,
						`UPLINK_KEY=${path("agent.key")}`,
						"",
					].join("\n"),
				);
				say(`Agent ${agent} is enrolled until ${date(expiresAt)}. Bring ${folder} to it, over a way that nobody else reads, and start it there:`);
				say("  set -a; . ./agent.env; set +a; npm run agent");
				if (!uplink.tls)
					say(
						"The server listens in plain text here, where certificates don't count: set WATCHROOM_TLS=own-ca and restart it, or use `agent token`.",
					);
				return 0;
			}),
		},
		"agent token": {
			usage: "agent token <agent-id>",
			does: "makes a token for an agent, in place of a certificate",
			run: run(async ({ links }, { name }) => {
				const agent = idOf(name, "agent token <agent-id>");
				const { token, expiresAt } = await links.issueToken(CONSOLE, agent);
				say(`Good until ${date(expiresAt)}, shown this once:`);
				say(`UPLINK_TOKEN=${token}`);
				return 0;
			}),
		},
		"agent revoke": {
			usage: "agent revoke <agent-id>",
			does: "ends every certificate and token of an agent, and its connection",
			run: run(async ({ links }, { name }) => {
				const agent = idOf(name, "agent revoke <agent-id>");
				say(`${await links.revoke(CONSOLE, agent)} of agent ${agent} revoked. A running server cuts its connection within a second.`);
				return 0;
			}),
		},
		"agent list": {
			usage: "agent list",
			does: "shows certificates and tokens of agents, and when they end",
			run: run(async ({ links }) => {
				const { agents, certificates, deviceAccounts } = links.view();
				for (const { agent, credentials } of agents)
					for (const { kind, state, expiresAt } of credentials) say(`${agent}  ${kind}  ${state}  until ${expiresAt.slice(0, 10)}`);
				for (const { of, name, daysLeft } of certificates) if (of !== "agent") say(`${name}  certificate  ${daysLeft} days left`);
				for (const { name, devices } of deviceAccounts) say(`device account ${name}  for ${devices.join(", ")}`);
				if (agents.length === 0) say("No agent is enrolled.");
				return 0;
			}),
		},
		"device password": {
			usage: "device password <device-id> [--devices <id,id,...>]",
			does: "gives a device a new password; with --devices a gateway that speaks for several (* for all)",
			run: run(async ({ links }, { name, devices }) => {
				const device = idOf(name, "device password <device-id>");
				const { password, devices: all } = await links.setPassword(CONSOLE, device, devices);
				say(`User name ${device}, for ${all.join(", ")}. The password, shown this once:`);
				say(password);
				return 0;
			}),
		},
		"server certificate": {
			usage: "server certificate [--host <name>]... [--out <folder>]",
			does: "makes the server's certificate from the private authority; with --out one for another machine, such as an agent's device broker",
			run: run(async ({ links, files }, { hosts: given, out }) => {
				const now = Date.now();
				const hosts = given.length > 0 ? given : [hostname(), "localhost", "127.0.0.1", "::1"];
				if (out === undefined) {
					const issued = await files.renewServerCertificate(hosts, now);
					await links.certificateIssued(CONSOLE, hosts, issued);
					say(
						`${files.paths.cert} for ${hosts.join(", ")} until ${date(issued.expiresAt)}. A server with WATCHROOM_TLS=own-ca takes it over by itself.`,
					);
					return 0;
				}
				const folder = resolve(out);
				await mkdir(folder, { recursive: true, mode: 0o700 });
				const authority = await files.authority(now);
				const issued = await issueServerCertificate(authority, hosts, now);
				await links.certificateIssued(CONSOLE, hosts, issued);
				await writeSafely(join(folder, "ca.pem"), authority.cert, 0o644);
				await writeSafely(join(folder, "server.pem"), issued.cert, 0o644);
				await writeSafely(join(folder, "server.key"), issued.key);
				const { subject } = new X509Certificate(await readFile(join(folder, "server.pem")));
				say(`${folder}: ca.pem, server.pem (${subject}), server.key, for ${hosts.join(", ")} until ${date(issued.expiresAt)}.`);
				return 0;
			}),
		},
	};
}

interface Parsed {
	name: string | undefined;
	out: string | undefined;
	hosts: string[];
	devices: string[] | undefined;
}

function parse(args: readonly string[]): Parsed {
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			allowPositionals: true,
			options: { out: { type: "string" }, host: { type: "string", multiple: true }, devices: { type: "string" } },
		});
		if (positionals.length > 1) throw new Error(`expected one name, not ${positionals.length}`);
		const hosts = values.host ?? [];
		for (const host of hosts) if (!/^[A-Za-z0-9.:-]{1,253}$/.test(host)) throw new Error(`--host: expected a host name or address, not ${host}`);
		return { name: positionals[0], out: values.out, hosts, devices: values.devices?.split(",").map((id) => id.trim()) };
	} catch (cause) {
		throw new AppError("invalid-arguments", 400, cause instanceof Error ? cause.message : String(cause), { cause });
	}
}

function idOf(name: string | undefined, usage: string): string {
	const parsed = idSchema.safeParse(name);
	if (!parsed.success) throw new AppError("invalid-arguments", 400, `Expected ${usage}, with a name of 1 to 64 of A-Z a-z 0-9 . _ -`);
	return parsed.data;
}

const date = (ms: number) => new Date(ms).toISOString().slice(0, 10);
