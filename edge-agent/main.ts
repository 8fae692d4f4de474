/** The edge agent: builds its parts from the environment and runs them. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { fromColumns } from "../contracts/reading.ts";
import type { DeviceList } from "../contracts/uplink.ts";
import { readConfig } from "./config.ts";
import { DeviceBroker } from "./devices/device-broker.ts";
import { DeviceDirectory } from "./devices/device-directory.ts";
import { DeviceListFile } from "./devices/device-list-file.ts";
import type { DeviceSource } from "./devices/device-source.ts";
import { ExternalBroker } from "./devices/external-broker.ts";
import { Intake } from "./devices/intake.ts";
import { PROFILES } from "./devices/profiles/registry.ts";
import { Quarantine } from "./devices/quarantine.ts";
import { GroupCommit } from "./outbox/group-commit.ts";
import { Outbox } from "./outbox/outbox.ts";
import { Heartbeats } from "./uplink/heartbeats.ts";
import { Uplink } from "./uplink/uplink.ts";

/** How much of the outbox is read at the start to know the newest readings, bytes; what is older comes with the backlog. */
const SNAPSHOT_BYTES = 16 * 1024 * 1024;

async function main(): Promise<void> {
	const config = readConfig(process.env);
	const logger = pino({ level: config.logLevel, base: { agent: config.agent } });
	mkdirSync(config.data, { recursive: true });
	const now = () => Date.now();

	const directory = new DeviceDirectory();
	const listFile = new DeviceListFile(config.data);
	const outbox = new Outbox({ path: join(config.data, "outbox.db"), maxBytes: config.outboxBytes, now });
	const quarantine = new Quarantine(join(config.data, "quarantine.db"), (error) => logger.warn({ err: error }, "quarantine could not be saved"));
	const commits = new GroupCommit({
		append: (contents, eventNumbers) => outbox.append(contents, eventNumbers),
		committed: (head) => uplink.committed(head),
		failed: (error) => logger.error({ err: error }, "outbox can't store: devices get no acknowledgement until it can"),
	});
	const intake = new Intake(directory, PROFILES, commits, quarantine);
	const heartbeats = new Heartbeats({ directory, quarantine, outbox, rejectedUnknown: () => intake.rejectedUnknown, startedAt: now() });

	const take = intake.take.bind(intake);
	const source: DeviceSource = config.deviceBrokerUrl
		? new ExternalBroker({
				url: config.deviceBrokerUrl,
				clientId: `watchroom-devices-${config.agent}`,
				topics: PROFILES.flatMap((profile) => profile.topics),
				take,
				now,
				logger,
			})
		: new DeviceBroker({ port: config.devicePort, take, stalled: () => commits.stalled, now, logger });

	let started = false;
	const takeList = (list: DeviceList) => {
		directory.replace(list);
		directory.restoreEventNumbers(outbox.eventNumbers());
		if (started) return;
		started = true;
		source.start().then(() => {
			logger.info({ devicePort: config.deviceBrokerUrl ? null : config.devicePort, devices: list.devices.length }, "edge agent ready");
		}, fail);
	};

	let saving: Promise<void> = Promise.resolve();
	const uplink = new Uplink({
		url: config.uplinkUrl,
		agent: config.agent,
		outbox,
		snapshot: () => ({
			readings: directory.latest(),
			status: [...directory.devices()].flatMap(({ id, state }) =>
				state.status === "unknown" ? [] : [{ device: id, status: state.status, ts: state.statusAt ?? now() }],
			),
		}),
		heartbeats,
		devices: (list) => {
			if (list.version === directory.version) return;
			takeList(list);
			logger.info({ version: list.version, devices: list.devices.length }, "device list taken over");
			saving = saving.then(() => listFile.save(list)).catch((error: unknown) => logger.error({ err: error }, "device list could not be saved"));
		},
		now,
		logger,
	});

	let stopping = false;
	const stop = async () => {
		if (stopping) return;
		stopping = true;
		logger.info("edge agent stopping");
		// Each part stops even if the one before it failed.
		const steps: [string, () => Promise<void> | void][] = [
			["commits", () => commits.stop()],
			["devices", () => source.stop()],
			["uplink", () => uplink.stop()],
			["device list", () => saving],
			["quarantine", () => quarantine.stop()],
			["outbox", () => outbox.close()],
		];
		for (const [part, step] of steps)
			try {
				await step();
			} catch (error) {
				logger.warn({ err: error, part }, "could not be stopped cleanly");
			}
		logger.info("edge agent stopped");
	};
	const fail = (error: unknown) => {
		logger.fatal({ err: error }, "edge agent can't run");
		process.exitCode = 1;
		void stop();
	};
	process.on("SIGTERM", () => void stop());
	process.on("SIGINT", () => void stop());
	process.once("disconnect", () => void stop()); // whoever started this process is gone
	process.channel?.unref(); // listening to that alone keeps no process alive

	quarantine.start();
	const saved = await listFile.load().catch((error: unknown) => {
		logger.error({ err: error }, "saved device list can't be read: waiting for the server's");
		return null;
	});
	if (saved) {
		takeList(saved);
		for (const batch of outbox.newest(SNAPSHOT_BYTES).reverse())
			if (batch.readings) for (const reading of fromColumns(batch.readings)) directory.restoreLatest(reading);
	} else
		logger.warn(
			{ server: config.uplinkUrl.replace(/\/\/.*@/, "//") },
			"waiting for the device list from the server: devices can't connect before it has come",
		);
	uplink.start();
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
