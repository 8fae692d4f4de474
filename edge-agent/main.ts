/** The edge agent: builds its parts from the environment and runs them. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { fromColumns } from "../contracts/reading.ts";
import type { DeviceList } from "../contracts/uplink.ts";
import { type AgentConfig, readConfig } from "./config.ts";
import { CommandRelay } from "./devices/command-relay.ts";
import { DeviceBroker } from "./devices/device-broker.ts";
import { DeviceDirectory } from "./devices/device-directory.ts";
import { DeviceListFile } from "./devices/device-list-file.ts";
import type { DeviceSource } from "./devices/device-source.ts";
import { Dialects } from "./devices/dialects.ts";
import { ExternalBroker } from "./devices/external-broker.ts";
import { Intake } from "./devices/intake.ts";
import { PROFILES } from "./devices/profiles/registry.ts";
import { Quarantine } from "./devices/quarantine.ts";
import { SeenDevices } from "./devices/seen-devices.ts";
import { GroupCommit } from "./outbox/group-commit.ts";
import { Outbox } from "./outbox/outbox.ts";
import { TlsFiles } from "./tls-files.ts";
import { Heartbeats } from "./uplink/heartbeats.ts";
import { Uplink } from "./uplink/uplink.ts";
import { Witness } from "./witness/witness.ts";
import { WitnessAlarm } from "./witness/witness-alarm.ts";
import { witnessCommand } from "./witness/witness-command.ts";
import { WitnessFiles } from "./witness/witness-files.ts";

/** How much of the outbox is read at the start to know the newest readings, bytes; what is older comes with the backlog. */
const SNAPSHOT_BYTES = 16 * 1024 * 1024;

async function main(): Promise<void> {
	const config = readConfig(process.env);
	if (process.argv[2] === "witness") {
		process.exitCode = witnessCommand(config.data, process.argv.slice(3), Date.now(), (text) => process.stdout.write(`${text}\n`));
		return;
	}
	const logger = pino({ level: config.logLevel, base: { agent: config.agent } });
	mkdirSync(config.data, { recursive: true });
	const now = () => Date.now();

	const directory = new DeviceDirectory();
	const listFile = new DeviceListFile(config.data);
	const outbox = new Outbox({ path: join(config.data, "outbox.db"), maxBytes: config.outboxBytes, now });
	const quarantine = new Quarantine(join(config.data, "quarantine.db"), (error) => logger.warn({ err: error }, "quarantine could not be saved"));
	const commits = new GroupCommit({
		append: (contents, marks) => outbox.append(contents, marks),
		committed: (head) => uplink.committed(head),
		failed: (error) => logger.error({ err: error }, "outbox can't store: devices get no acknowledgement until it can"),
	});
	const relay = new CommandRelay({
		directory,
		profiles: PROFILES,
		send: (topic, payload) => source.send(topic, payload),
		answer: (result) => uplink.result(result),
	});
	const dialects = new Dialects(PROFILES, directory, (topic, payload) => source.send(topic, payload));
	const seen = new SeenDevices((profile, address) => directory.at(profile, address).length > 0);
	const intake = new Intake({
		directory,
		dialects,
		store: commits,
		refusals: quarantine,
		results: (device, result) => relay.result(device, result),
		seen,
	});
	const witnessFiles = new WitnessFiles(config.data);
	const witness = new Witness({
		agent: config.agent,
		files: witnessFiles,
		now,
		unreadable: (reason) => logger.warn({ reason }, "witness: the server's checkpoint can't be read"),
	});
	const witnessAlarm = new WitnessAlarm({
		agent: config.agent,
		files: witnessFiles,
		announce: (topic, payload) => source.announce(topic, payload),
		webhookUrl: config.witnessWebhookUrl,
		logger,
	});
	const heartbeats = new Heartbeats({
		witness: () => witness.state(),
		directory,
		quarantine,
		outbox,
		rejectedUnknown: () => intake.rejectedUnknown,
		seen,
		startedAt: now(),
	});

	const take = intake.take.bind(intake);
	if (config.insecure) logger.warn("WATCHROOM_INSECURE: plain text beyond this machine is allowed, others can read and change what devices say");
	const deviceTls = config.deviceTls ? new TlsFiles(config.deviceTls, logger) : null;
	let source: DeviceSource;
	if (config.deviceBrokerUrl === null)
		source = new DeviceBroker({
			port: config.devicePort,
			bind: config.deviceBind,
			tls: deviceTls,
			auth: config.deviceAuth,
			accounts: () => directory.accounts,
			owners: (topic) => {
				const owners = dialects.ownersOf(topic);
				return owners && { devices: owners.devices, ofDialect: () => directory.ofProfile(owners.profile) };
			},
			refused: ({ device, reason, detail, ...message }) =>
				intake.refuse(device, { ...message, payload: Buffer.alloc(0), retained: false }, { reason, detail }),
			take,
			stalled: () => commits.stalled,
			now,
			logger,
		});
	else
		source = new ExternalBroker({
			url: config.deviceBrokerUrl,
			...(config.deviceBrokerCa !== null && { ca: readFileSync(config.deviceBrokerCa) }),
			clientId: `watchroom-devices-${config.agent}`,
			topics: () => dialects.filters,
			take,
			now,
			logger,
		});

	let started = false;
	const takeList = (list: DeviceList) => {
		directory.replace(list);
		dialects.replace(list);
		source.recheck();
		directory.restoreMarks(outbox.marks());
		if (started) return;
		started = true;
		source.start().then(() => {
			witnessAlarm.announceAgain();
			logger.info({ devicePort: config.deviceBrokerUrl ? null : config.devicePort, devices: list.devices.length }, "edge agent ready");
		}, fail);
	};

	let saving: Promise<void> = Promise.resolve();
	const uplink = new Uplink({
		url: config.uplinkUrl,
		agent: config.agent,
		credentials: () => readCredentials(config),
		outbox,
		snapshot: () => ({
			readings: directory.latest(),
			status: [...directory.devices()].flatMap(({ id, state }) =>
				state.status === "unknown" ? [] : [{ device: id, status: state.status, ts: state.statusAt ?? now() }],
			),
		}),
		heartbeats,
		checkpoint: (offer) => {
			const answer = witness.take(offer);
			if (answer?.result === "fork") witnessAlarm.look();
			return answer;
		},
		command: (command) => relay.command(command),
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
			["witness", () => witnessAlarm.stop()],
			["commits", () => commits.stop()],
			["commands", () => relay.stop()],
			["devices", () => source.stop()],
			["certificate", () => deviceTls?.stop()],
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
	deviceTls?.start();
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
	witnessAlarm.start();
	uplink.start();
}

/** What the agent shows to the server; a renewed certificate is used at the next connection. */
function readCredentials({ agent, uplinkCredentials: { ca, cert, key, token } }: AgentConfig) {
	return {
		...(ca !== null && { ca: readFileSync(ca) }),
		...(cert !== null && { cert: readFileSync(cert) }),
		...(key !== null && { key: readFileSync(key) }),
		...(token !== null && { username: agent, password: token }),
	};
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
