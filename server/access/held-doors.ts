import { OWN_DEVICE, pointIdOf } from "../../contracts/identifiers.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { UplinkDoorEvent } from "../../contracts/uplink.ts";
import type { History } from "../history/history.ts";
import type { Clock } from "../platform/clock.ts";
import type { WorldSource } from "../site/world-source.ts";
import type { AccessService } from "./access-service.ts";
import { type Hearing, ownState } from "./door-standing.ts";

export interface HeldDoorsOptions {
	world: WorldSource;
	access: Pick<AccessService, "standing" | "record">;
	live: { update(readings: readonly Reading[], late: boolean): unknown };
	alarms: { evaluate(readings: readonly Reading[], late: boolean): Promise<void> };
	history: Pick<History, "append">;
	/** How well a device is heard now. */
	hearing: (device: string) => Hearing;
	clock: Clock;
}

/** Says of doors that stand open for longer than their time that they are held, as a controller would say it. */
export class HeldDoors {
	readonly #options: HeldDoorsOptions;

	constructor(options: HeldDoorsOptions) {
		this.#options = options;
	}

	/** Rejects when a store is away: nothing is lost, the next look says it again. */
	async look(): Promise<void> {
		const { world, access, live, alarms, history, hearing, clock } = this.#options;
		const now = clock.now();
		for (const { id: door, controller, heldOpenAfter } of world.current().site.doors) {
			const standing = access.standing().get(door);
			const own = standing && ownState(standing, heldOpenAfter, hearing(controller), now);
			if (!own) continue;
			const { seq, state, ts } = own;
			const reading: Reading = { point: pointIdOf(controller, door), value: state, ts, receivedAt: now, quality: "good" };
			live.update([reading], false);
			await Promise.all([alarms.evaluate([reading], false), history.append({ agent: OWN_DEVICE, outbox: "doors", seq }, [reading])]);
			// The last: as long as it isn't recorded, all of it is said again.
			const event: UplinkDoorEvent = { type: "door", device: OWN_DEVICE, ts, receivedAt: now, seq, door, state };
			await access.record([event], false);
		}
	}
}
