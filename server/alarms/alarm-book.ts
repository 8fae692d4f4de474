import { type AlarmRecord, alarmKey } from "./alarm.ts";
import { stateOf } from "./alarm-life-cycle.ts";

/** Every alarm that has ever been, as it is now, recorded or on its way to be; also those whose rule is gone. */
export class AlarmBook {
	/** By {@link alarmKey}. */
	readonly #byKey = new Map<string, AlarmRecord>();
	readonly #keys = new Map<string, string>();
	readonly #open = new Map<string, AlarmRecord>();
	readonly #shelved = new Set<string>();

	keep(alarm: AlarmRecord): void {
		const { id, rule, point } = alarm;
		const key = alarmKey(rule, point);
		this.#byKey.set(key, alarm);
		this.#keys.set(id, key);
		if (stateOf(alarm) === "normal") this.#open.delete(id);
		else this.#open.set(id, alarm);
		if (alarm.shelf) this.#shelved.add(key);
		else this.#shelved.delete(key);
	}

	get(key: string): AlarmRecord | undefined {
		return this.#byKey.get(key);
	}
	byId(id: string): AlarmRecord | undefined {
		const key = this.#keys.get(id);
		return key === undefined ? undefined : this.#byKey.get(key);
	}
	/** With its key, in no order. */
	entries(): IterableIterator<[string, AlarmRecord]> {
		return this.#byKey.entries();
	}
	/** In every state but normal. */
	open(): IterableIterator<AlarmRecord> {
		return this.#open.values();
	}
	/** Those whose shelf's time is over. */
	unshelvable(now: number): AlarmRecord[] {
		const due: AlarmRecord[] = [];
		for (const key of this.#shelved) {
			const alarm = this.#byKey.get(key);
			if (alarm?.shelf && now >= alarm.shelf.until) due.push(alarm);
		}
		return due;
	}
}
