/** One message of a device, before anybody has looked into it. */
export interface DeviceMessage {
	topic: string;
	/** Valid only during the call: copy what must stay. */
	payload: Buffer;
	/** Unix ms. */
	receivedAt: number;
	/** True when a broker sends an old message to a new subscriber (MQTT 3.1.1 §3.3.1.3). */
	retained: boolean;
	/** Network address of who sent it, where the source knows it. */
	address?: string | undefined;
}

/**
 * Takes a message. MUST call `settle` exactly once: when what it holds is on disk, or when it has been refused for good.
 * MUST NOT throw. As long as `settle` has not been called the device's broker keeps the message.
 */
export type TakeMessage = (message: DeviceMessage, settle: () => void) => void;

/**
 * Where device messages come from. One suite (test/integration/edge-agent/device-source.test.ts) runs on every source.
 * A source MUST acknowledge a QoS 1 message only after it has been settled, and MUST let many messages of one connection wait
 * for settlement at the same time, so that one commit settles many.
 */
export interface DeviceSource {
	/** Resolves when messages can come. */
	start(): Promise<void>;
	/** Publishes a retained message to the devices' broker; an empty payload takes it away. Before `start` nothing happens. */
	announce(topic: string, payload: string): void;
	/** Sends a message to who listens now, with QoS 1; not kept for anybody. Without a connection it is lost. */
	send(topic: string, payload: string | Buffer): void;
	/** The device list in use is another one: who may connect, and which topics are wanted. */
	recheck(): void;
	/** Idempotent. What is not settled by then is not acknowledged, and so comes again. */
	stop(): Promise<void>;
}
