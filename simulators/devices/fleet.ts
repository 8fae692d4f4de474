import { join } from "node:path";
import type { World } from "../../contracts/world.ts";
import type { Message, Moment } from "../simulation.ts";
import type { Judgement, Shown } from "./access-list.ts";
import type { EventNumbers } from "./event-numbers.ts";
import { SimulatedController } from "./simulated-controller.ts";
import { SimulatedDevice } from "./simulated-device.ts";

/** All devices of a site, each with its own connection. */
export class Fleet {
	readonly #devices: Map<string, SimulatedDevice>;
	readonly #controllers = new Map<string, SimulatedController>();
	#lost: ReadonlySet<string> = new Set();
	readonly #numbers: EventNumbers;

	/** `lists`: folder of the controllers' non-volatile copies; `refuse`: share of the commands that they refuse, 0 to 1. */
	constructor(world: World, url: string, numbers: EventNumbers, { lists, refuse }: { lists: string; refuse: number }) {
		this.#devices = new Map(
			[...world.devices.values()].map((device) => {
				const controller = device.kind === "door-controller" ? new SimulatedController(device.id, join(lists, `${device.id}.json`), refuse) : null;
				if (controller) this.#controllers.set(device.id, controller);
				return [device.id, new SimulatedDevice(device.id, url, controller)];
			}),
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

	/** What a controller's list says of what is shown at one of its doors; `null`: it was never given one. */
	judge(controller: string, shown: Shown, at: { door: string; direction: "in" | "out"; ts: number }): Judgement | null {
		return this.#controllers.get(controller)?.judge(shown, at) ?? null;
	}

	/** Says what the simulation says. */
	say(moment: Moment): void {
		for (const id of moment.lost) if (!this.#lost.has(id)) this.#controllers.get(id)?.lose();
		this.#lost = moment.lost;
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
