import { join } from "node:path";
import type { Card, NativeCommand, NativeResult } from "../../contracts/native-dialect.ts";
import { openEventNumbers } from "../../simulators/devices/event-numbers.ts";
import { SimulatedController } from "../../simulators/devices/simulated-controller.ts";
import { SimulatedDevice } from "../../simulators/devices/simulated-device.ts";

/** A simulated door controller on the network, at whose doors a test shows cards. */
export interface DoorController {
	/** Shows a card at a door: the controller decides by its list and reports that. */
	swipe(door: string, card: Card): "granted" | "denied";
	lose(): void;
	/** Takes it off the network, or brings it back. */
	cut(cut: boolean): void;
	stop(): Promise<void>;
}

/** `obeys` hears of each command before it is carried out. */
export async function doorController(
	port: number,
	device: string,
	directory: string,
	obeys: (command: NativeCommand) => void = () => {},
): Promise<DoorController> {
	const controller = new SimulatedController(device, join(directory, "lists", `${device}.json`), 0);
	const numbers = openEventNumbers(join(directory, "numbers", `${device}.json`));
	const obey = (command: NativeCommand): NativeResult => {
		obeys(command);
		return controller.obey(command);
	};
	const client = new SimulatedDevice(device, `mqtt://127.0.0.1:${port}`, { obey });
	client.start();
	await client.ready();
	return {
		swipe(door, card) {
			const ts = Date.now();
			const judged = controller.judge({ card, fingerprint: null }, { door, direction: "in", ts }) ?? {
				result: "denied" as const,
				reason: "denied-unknown-credential",
			};
			const event = { ts, seq: numbers.next(device), door, direction: "in", method: "card", card, fingerprint: null, ...judged };
			client.sendEvent("access", JSON.stringify(event));
			return judged.result;
		},
		lose: () => controller.lose(),
		cut: (cut) => client.cut(cut),
		stop: () => client.stop(),
	};
}
