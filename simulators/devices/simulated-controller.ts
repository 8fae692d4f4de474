import type { NativeCommand, NativeResult } from "../../contracts/native-dialect.ts";
import { type HeldList, holdList, type Judgement, judge, type Shown } from "./access-list.ts";
import { answerCommand, type ControllerMemory, EMPTY_MEMORY, LOST_MEMORY } from "./commands.ts";
import { ListFile } from "./list-file.ts";

/** A door controller: holds an access list in memory, with a non-volatile copy, and decides by it. */
export class SimulatedController {
	readonly #id: string;
	readonly #file: ListFile;
	readonly #refuse: number;
	#memory: ControllerMemory;
	#list: HeldList | null;

	/** `refuse`: share of the commands that it refuses, 0 to 1. Goes on with the copy that there is; throws when that is damaged. */
	constructor(id: string, path: string, refuse: number) {
		this.#id = id;
		this.#file = new ListFile(path);
		this.#refuse = refuse;
		const held = this.#file.read();
		this.#memory = { ...EMPTY_MEMORY, held };
		this.#list = held && holdList(held.timeZone, held.entries);
	}

	/** Carries out a command; a list that is taken over is on disk before it is in force. */
	obey(command: NativeCommand): NativeResult {
		if (Math.random() < this.#refuse) return { id: command.id, ok: false, error: "busy, try again", body: {} };
		const { memory, result } = answerCommand(this.#id, this.#memory, command);
		if (memory.held !== this.#memory.held) this.#work(memory);
		this.#memory = memory;
		return result;
	}

	/** `null` before it was ever given a list. */
	judge(shown: Shown, { door, direction, ts }: { door: string; direction: "in" | "out"; ts: number }): Judgement | null {
		return this.#list && judge(this.#list, shown, door, ts, direction);
	}

	/** Its memory is lost, and the copy with it. */
	lose(): void {
		this.#memory = LOST_MEMORY;
		this.#work(LOST_MEMORY);
	}

	#work({ held }: ControllerMemory): void {
		this.#file.write(held);
		this.#list = held && holdList(held.timeZone, held.entries);
	}
}
