import type { World } from "../../contracts/world.ts";
import type { Message, Moment } from "../simulation.ts";
import type { EventNumbers } from "./event-numbers.ts";
import { SimulatedDevice } from "./simulated-device.ts";

/** All devices of a site, each with its own connection. */
export class Fleet {
	readonly #devices: Map<string, SimulatedDevice>;
	readonly #numbers: EventNumbers;

	constructor(world: World, url: string, numbers: EventNumbers) {
		this.#devices = new Map(
			[...world.devices.values()].map((device) => [device.id, new SimulatedDevice(device.id, url, device.kind === "door-controller")]),
		);
		this.#numbers = numbers;
	}

	get size(): number {
		return this.#devices.size;
	}

	get connected(): number {
		return [...this.#devices.values()].filter((device) => device.connected).length;
	}

	/** Connects every device; resolves once all have been connected. */
	async start(): Promise<void> {
		for (const device of this.#devices.values()) device.start();
		await Promise.all([...this.#devices.values()].map((device) => device.ready()));
	}

	/** Says what the simulation says. */
	say(moment: Moment): void {
		for (const [id, device] of this.#devices) device.cut(moment.cut.has(id));
		for (const message of moment.messages) this.#send(message);
	}

	async stop(): Promise<void> {
		await Promise.all([...this.#devices.values()].map((device) => device.stop()));
	}

	#send(message: Message): void {
		const device = this.#devices.get(message.device);
		if (!device) return;
		if (message.type === "reading") device.sendReading(message.point, JSON.stringify({ ts: message.ts, value: message.value }));
		else device.sendEvent(message.type, JSON.stringify({ ts: message.ts, seq: this.#numbers.next(message.device), ...message.body }));
	}
}
