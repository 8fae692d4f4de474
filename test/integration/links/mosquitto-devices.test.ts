/** The documented set-up of a Mosquitto between devices and an agent: passwords and an ACL (docs/operations.md). */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { deviceTopic } from "../../../contracts/native-dialect.ts";
import { ExternalBroker } from "../../../edge-agent/devices/external-broker.ts";
import { native } from "../../../edge-agent/devices/profiles/native.ts";
import { freePort } from "../../helpers/free-port.ts";
import { hasMosquitto, startMosquitto } from "../../helpers/mosquitto.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

test.runIf(hasMosquitto)(
	"over Mosquitto, set up as the guide says, a device speaks for itself and hears its own commands only, and the agent hears and commands all",
	async () => {
		const guide = await readFile("docs/operations.md", "utf8");
		const section = guide.slice(guide.indexOf("**Mosquitto between devices and an agent.**"));
		const [settings = "", acl = ""] = [...section.matchAll(/```\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
		expect(settings).toContain("acl_file");
		const folder = await temporaryDirectory("mosquitto-devices");
		cleanUps.push(() => folder.remove());
		await writeFile(join(folder.path, "device-acl"), acl, { mode: 0o600 });
		await writeFile(join(folder.path, "passwords"), "c1:one\nc2:two\nagent-1:three\n", { mode: 0o600 });
		execFileSync("mosquitto_passwd", ["-U", join(folder.path, "passwords")]);
		const port = await freePort();
		const placed = settings
			.trim()
			.split("\n")
			.map((line) => line.replace(/^listener .*/, `listener ${port} 127.0.0.1`).replaceAll("/etc/mosquitto", folder.path));
		// The helper's own listener comes first, so these settings are of the second.
		const mosquitto = await startMosquitto(["per_listener_settings false", ...placed.filter((line) => line !== "allow_anonymous false")]);
		cleanUps.push(() => mosquitto.stop());

		const taken: string[] = [];
		const agent = new ExternalBroker({
			url: `mqtt://agent-1:three@127.0.0.1:${port}`,
			clientId: "agent",
			topics: () => native.topics("", []),
			take: ({ topic, payload }, settle) => {
				if (!topic.endsWith("/command")) taken.push(`${topic} ${payload.toString()}`);
				settle();
			},
			now: Date.now,
			logger: pino({ level: "silent" }),
			reconnectPeriod: 50,
		});
		await agent.start();
		cleanUps.push(() => agent.stop());
		const heard: string[] = [];
		const device = async (id: string, password: string): Promise<MqttClient> => {
			const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { username: id, password, reconnectPeriod: 100 });
			cleanUps.push(() => client.endAsync(true));
			client.on("message", (topic, payload) => heard.push(`${id} hears ${topic} ${payload.toString()}`));
			// The wildcards are granted by Mosquitto, which then delivers what the ACL allows.
			for (const filter of ["watchroom/c1/command", "watchroom/c2/command", "watchroom/+/result", "#"])
				await client.subscribeAsync(filter, { qos: 1 }).catch(() => {});
			return client;
		};
		const [one, two] = [await device("c1", "one"), await device("c2", "two")];
		await expect(mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { username: "c1", password: "two", reconnectPeriod: 0 }, false)).rejects.toThrow();

		await waitFor("the agent to hear", async () => {
			await one.publishAsync(deviceTopic("c1", "result"), "own", { qos: 1 });
			return taken.includes("watchroom/c1/result own");
		});
		// One Mosquitto ends the connection of who publishes elsewhere, another acknowledges and drops it.
		for (const name of ["result", "command"]) {
			const liar = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { username: "c2", password: "two", reconnectPeriod: 0 }, false);
			const ended = new Promise<void>((resolve) => liar.once("close", () => resolve()));
			await Promise.race([ended, liar.publishAsync(deviceTopic("c1", name), "lie", { qos: 1 }).catch(() => ended)]);
			await liar.endAsync(true);
		}
		agent.send(deviceTopic("c1", "command"), "for c1");
		agent.send(deviceTopic("c2", "command"), "for c2");
		await two.publishAsync(deviceTopic("c2", "result"), "last", { qos: 1 });
		await waitFor("everything", () => taken.includes("watchroom/c2/result last") && new Set(heard).size >= 2);
		expect(taken.filter((line) => line.includes("lie"))).toEqual([]);
		expect([...new Set(heard)].toSorted()).toEqual(["c1 hears watchroom/c1/command for c1", "c2 hears watchroom/c2/command for c2"]);
	},
);
