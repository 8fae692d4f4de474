import mqtt, { type MqttClient } from "mqtt";
import { deviceTopic, nativeCommandSchema } from "../../contracts/native-dialect.ts";
import type { SimulatedController } from "./simulated-controller.ts";

/** Wait before connecting again, ms; each device waits a little differently. */
const RECONNECT = { least: 500, spread: 1500 };

/** One device on the network: an MQTT client with a last will, as hardware has it. */
export class SimulatedDevice {
	readonly id: string;
	readonly #url: string;
	readonly #controller: Pick<SimulatedController, "obey"> | null;
	#client: MqttClient | null = null;
	#cut = false;
	#wasCut = false;
	/** Events without a PUBACK, oldest first: they stay in the device. */
	readonly #kept = new Set<{ name: string; payload: string }>();
	/** Readings not sent because there was no connection: a sensor keeps none. */
	unsent = 0;

	/** `controller`: what takes commands; `null`: nothing does. */
	constructor(id: string, url: string, controller: Pick<SimulatedController, "obey"> | null) {
		this.id = id;
		this.#url = url;
		this.#controller = controller;
	}

	/** Begins to connect, and goes on trying. */
	start(): void {
		const status = deviceTopic(this.id, "status");
		const client = mqtt.connect(this.#url, {
			clientId: `sim-${this.id}`,
			will: { topic: status, payload: Buffer.from("offline"), qos: 1, retain: true },
			reconnectPeriod: RECONNECT.least + Math.random() * RECONNECT.spread,
			keepalive: 30,
		});
		this.#client = client;
		client.on("connect", () => {
			client.publish(status, "online", { qos: 1, retain: true });
			if (this.#controller) client.subscribe(deviceTopic(this.id, "command"), { qos: 1 });
		});
		client.on("message", (_, payload) => this.#obey(payload));
		// A refused or lost connection is tried again by the client itself.
		client.on("error", () => {});
	}

	get connected(): boolean {
		return this.#client?.connected ?? false;
	}

	/** Resolves at the first connection. */
	async ready(): Promise<void> {
		const client = this.#client;
		if (!client || client.connected) return;
		await new Promise<void>((resolve) => client.once("connect", () => resolve()));
	}

	/** Tears the connection down without a DISCONNECT (so that the broker sends the will) or lets it come back. Idempotent. */
	cut(cut: boolean): void {
		if (cut === this.#cut || !this.#client) return;
		this.#cut = cut;
		this.#wasCut = true;
		if (cut) this.#client.end(true);
		else {
			// The library forgets what was under way when it was ended.
			this.#client.once("connect", () => {
				for (const event of this.#kept) this.#send(event);
			});
			this.#client.reconnect();
		}
	}

	/** Sends a reading; without a connection it is lost and counted. */
	sendReading(point: string, payload: string): void {
		if (this.connected) this.#publish(point, payload);
		else this.unsent++;
	}

	/** Sends an event; without a connection it waits in the device. */
	sendEvent(name: "access" | "door", payload: string): void {
		const event = { name, payload };
		this.#kept.add(event);
		if (!this.#cut) this.#send(event);
	}

	#send(event: { name: string; payload: string }): void {
		this.#client?.publish(deviceTopic(this.id, event.name), event.payload, { qos: 1 }, (error) => {
			if (!error) this.#kept.delete(event);
		});
	}

	/** Says good-bye and disconnects. Idempotent. */
	async stop(): Promise<void> {
		const client = this.#client;
		this.#client = null;
		if (!client) return;
		if (client.connected) {
			const said = client.publishAsync(deviceTopic(this.id, "status"), "offline", { qos: 1, retain: true });
			await Promise.race([said.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
		}
		// A polite end waits for acknowledgements that a cut may have swallowed.
		await client.endAsync(!client.connected || this.#wasCut).catch(() => {});
	}

	#publish(name: string, payload: string): void {
		this.#client?.publish(deviceTopic(this.id, name), payload, { qos: 1 }, () => {});
	}

	#obey(payload: Buffer): void {
		let input: unknown;
		try {
			input = JSON.parse(payload.toString());
		} catch {
			return;
		}
		const command = nativeCommandSchema.safeParse(input);
		if (command.success && this.#controller) this.#publish("result", JSON.stringify(this.#controller.obey(command.data)));
	}
}
