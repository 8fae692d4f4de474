import mqtt, { type MqttClient } from "mqtt";
import { deviceTopic } from "../../contracts/native-dialect.ts";

/** A device as anybody could write one: an MQTT client that publishes with QoS 1. */
export interface PlainDevice {
	client: MqttClient;
	/** Publishes to `watchroom/{device}/{name}`; resolves with the PUBACK. Text and bytes go as they are, anything else as JSON. */
	say(name: string, payload: unknown): Promise<void>;
	stop(): Promise<void>;
}

export async function plainDevice(port: number, device: string): Promise<PlainDevice> {
	const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: `plain-${device}-${crypto.randomUUID()}`, reconnectPeriod: 200 });
	client.on("error", () => {}); // it reconnects by itself
	return {
		client,
		async say(name, payload) {
			const content = typeof payload === "string" || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
			await client.publishAsync(deviceTopic(device, name), content, { qos: 1 });
		},
		stop: () => client.endAsync(true),
	};
}
