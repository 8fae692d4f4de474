import mqtt, { type MqttClient } from "mqtt";
import { deviceTopic, type NativeAccess, type NativeDoor } from "../../contracts/native-dialect.ts";

/** A device that remembers what was acknowledged to it: the truth that the store is held against. */
export interface RecordingDevice {
	/** Acknowledged values by point and time stamp. */
	readings: Map<string, Map<number, number>>;
	/** Event numbers that were acknowledged. */
	events: Set<number>;
	/** Publishes not acknowledged yet. */
	pending(): number;
	reading(point: string, ts: number, value: number): void;
	access(event: NativeAccess): void;
	door(event: NativeDoor): void;
	/** Waits for what is under way and disconnects. */
	stop(): Promise<void>;
}

/** Connects with QoS 1, reconnects and repeats for as long as it takes, as a real device would. */
export function recordingDevice(port: number, device: string): RecordingDevice {
	const client: MqttClient = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
		clientId: `device-${device}`,
		clean: false,
		reconnectPeriod: 200,
		connectTimeout: 2000,
	});
	client.on("error", () => {}); // it reconnects by itself
	const readings = new Map<string, Map<number, number>>();
	const events = new Set<number>();
	let pending = 0;
	const publish = (name: string, payload: unknown, acknowledged: () => void) => {
		pending++;
		client.publish(deviceTopic(device, name), JSON.stringify(payload), { qos: 1 }, (error) => {
			pending--;
			if (!error) acknowledged();
		});
	};
	return {
		readings,
		events,
		pending: () => pending,
		reading(point, ts, value) {
			publish(point, { ts, value }, () => {
				const rows = readings.get(point) ?? new Map<number, number>();
				readings.set(point, rows.set(ts, value));
			});
		},
		access: (event) => publish("access", event, () => events.add(event.seq)),
		door: (event) => publish("door", event, () => events.add(event.seq)),
		stop: () => client.endAsync(),
	};
}
