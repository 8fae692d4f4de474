/** The documented set-up of a Mosquitto between agents and server: TLS, certificates of the private authority, an ACL (docs/operations.md). */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, expect, test } from "vitest";
import { uplinkTopic } from "../../../contracts/uplink.ts";
import { ExternalUplink } from "../../../server/ingest/external-uplink.ts";
import { AuthorityFiles } from "../../../server/links/authority-files.ts";
import { createAuthority, issueAgentCertificate, issueServerCertificate } from "../../../server/links/certificate-authority.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { freePort } from "../../helpers/free-port.ts";
import { hasMosquitto, startMosquitto } from "../../helpers/mosquitto.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** The blocks of the guide's section, as they stand there. */
async function documented(): Promise<{ settings: string[]; acl: string }> {
	const guide = await readFile("docs/operations.md", "utf8");
	const blocks = [...guide.slice(guide.indexOf("**Mosquitto between agents and server.**")).matchAll(/```\n([\s\S]*?)```/g)].map(
		(match) => match[1] ?? "",
	);
	return { settings: (blocks[0] ?? "").trim().split("\n"), acl: blocks[1] ?? "" };
}

test.runIf(hasMosquitto)(
	"over Mosquitto, set up as the guide says, agents reach the server with their certificates and their own topics only",
	async () => {
		const folder = await temporaryDirectory("mosquitto-tls");
		cleanUps.push(() => folder.remove());
		const files = new AuthorityFiles(folder.path);
		const authority = await files.authority(Date.now());
		const broker = await issueServerCertificate(authority, ["127.0.0.1"], Date.now());
		const { settings, acl } = await documented();
		expect(settings).toContain("require_certificate true");
		for (const [name, text] of Object.entries({ "ca.pem": authority.cert, "server.pem": broker.cert, "server.key": broker.key, acl }))
			await writeFile(join(folder.path, name), text);
		const port = await freePort();
		const placed = settings.map((line) => line.replace(/^listener .*/, `listener ${port} 127.0.0.1`).replaceAll("/etc/mosquitto", folder.path));
		// The helper's own listener comes first, so these settings are of the second.
		const mosquitto = await startMosquitto(["per_listener_settings false", ...placed.filter((line) => line !== "allow_anonymous false")]);
		cleanUps.push(() => mosquitto.stop());
		const url = `mqtts://127.0.0.1:${port}`;
		const of = async (name: string) => {
			const { cert, key } = await issueAgentCertificate(authority, name, Date.now());
			return { ca: authority.cert, cert, key };
		};

		const heard: string[] = [];
		const own = { ca: authority.cert, ...(await issueServerCertificate(authority, ["server"], Date.now())) };
		const tls = { ca: Buffer.from(own.ca), cert: Buffer.from(own.cert), key: Buffer.from(own.key) };
		const uplink = new ExternalUplink({ url, tls, clientId: "server", logger: silentLogger() });
		await uplink.start(
			async ({ agent, topic, payload }) => void heard.push(`${agent} ${topic} ${payload.toString()}`),
			() => {},
		);
		cleanUps.push(() => uplink.stop());
		const agent = await mqtt.connectAsync(url, { ...(await of("a")), clientId: "watchroom-agent-a" });
		cleanUps.push(() => agent.endAsync(true));
		await waitFor("the agent's own topic", async () => {
			await agent.publishAsync(uplinkTopic("a", "heartbeat"), "own", { qos: 1 });
			return heard.includes("a heartbeat own");
		});
		await agent.publishAsync(uplinkTopic("b", "heartbeat"), "foreign", { qos: 1 }).catch(() => {});
		await agent.publishAsync(uplinkTopic("a", "heartbeat"), "last", { qos: 1 });
		await waitFor("the last message", () => heard.includes("a heartbeat last"));
		expect(heard.filter((line) => line.startsWith("b"))).toEqual([]);
		const answers = () => heard.filter((line) => line.includes(" result "));
		const commands: string[] = [];
		const other = await mqtt.connectAsync(url, { ...(await of("b")), clientId: "watchroom-agent-b" });
		cleanUps.push(() => other.endAsync(true));
		for (const [name, client] of Object.entries({ a: agent, b: other })) {
			client.on("message", (topic, payload) => commands.push(`${name} heard ${topic} ${payload.toString()}`));
			await client.subscribeAsync([uplinkTopic("a", "command"), uplinkTopic("b", "command")], { qos: 1 });
		}
		uplink.publish(uplinkTopic("a", "command"), "for a", { retain: false });
		uplink.publish(uplinkTopic("b", "command"), "for b", { retain: false });
		await waitFor("both commands", () => commands.length >= 2);
		await other.publishAsync(uplinkTopic("a", "result"), "lie", { qos: 1 }).catch(() => {});
		await other.publishAsync(uplinkTopic("b", "command"), "lie", { qos: 1 }).catch(() => {});
		await other.publishAsync(uplinkTopic("b", "result"), "b's", { qos: 1 });
		await agent.publishAsync(uplinkTopic("a", "result"), "a's", { qos: 1 });
		await waitFor("both answers", () => answers().length >= 2);
		expect(answers().toSorted()).toEqual(["a result a's", "b result b's"]);
		expect(commands.toSorted()).toEqual(["a heard watchroom-uplink/a/command for a", "b heard watchroom-uplink/b/command for b"]);
		const foreign = await issueAgentCertificate(await createAuthority("Somebody else", Date.now()), "a", Date.now());
		await expect(mqtt.connectAsync(url, { ca: authority.cert, cert: foreign.cert, key: foreign.key, reconnectPeriod: 0 }, false)).rejects.toThrow();
	},
);
