import type { NativeResult } from "../../contracts/native-dialect.ts";
import type { DeviceCommand, DeviceResult, RelayRefusal } from "../../contracts/uplink.ts";
import type { DeviceDirectory } from "./device-directory.ts";
import type { Profile } from "./profiles/profile.ts";

export interface CommandRelayOptions {
	directory: DeviceDirectory;
	profiles: readonly Profile[];
	/** Sends to the device. */
	send(topic: string, payload: string): void;
	/** Sends to the server. */
	answer(result: DeviceResult): void;
	/** How long a device may take, ms. */
	timeout?: number;
	/** Commands that may wait at once. */
	limit?: number;
}

const TIMEOUT = 8_000;
const LIMIT = 256;
/** What the server reads of each refusal. */
const WORDS: Readonly<Record<RelayRefusal, string>> = {
	"unknown-device": "not a device of this agent",
	offline: "the device is offline",
	"no-answer": "the device did not answer in time",
	busy: "too many commands wait for an answer",
	"no-commands": "the device's dialect has no commands",
};

/** Carries the server's commands to devices and their answers back. Whatever happens, each command is answered once, or asked again. */
export class CommandRelay {
	readonly #options: CommandRelayOptions;
	readonly #waiting = new Map<string, { device: string; timer: NodeJS.Timeout }>();

	constructor(options: CommandRelayOptions) {
		this.#options = options;
	}

	/** Passes a command on. The same id again, while it waits, goes to the device again: the first may have been lost. */
	command({ device, command }: DeviceCommand): void {
		const entry = this.#options.directory.device(device);
		const message = entry && this.#options.profiles.find(({ id }) => id === entry.profile)?.command?.(device, command);
		const { timeout = TIMEOUT, limit = LIMIT } = this.#options;
		if (!entry) this.#refuse(device, command.id, "unknown-device");
		else if (!message) this.#refuse(device, command.id, "no-commands");
		else if (entry.state.status === "offline") this.#refuse(device, command.id, "offline");
		else if (!this.#waiting.has(command.id) && this.#waiting.size >= limit) this.#refuse(device, command.id, "busy");
		else {
			if (!this.#waiting.has(command.id)) {
				const timer = setTimeout(() => {
					this.#waiting.delete(command.id);
					this.#refuse(device, command.id, "no-answer");
				}, timeout);
				this.#waiting.set(command.id, { device, timer });
			}
			this.#options.send(message.topic, message.payload);
		}
	}

	#refuse(device: string, id: string, refused: RelayRefusal): void {
		this.#options.answer({ device, result: { id, ok: false, error: WORDS[refused], body: {} }, refused });
	}

	/** What a device says to a command. An answer that nobody waits for, or of another device than was asked, goes no further. */
	result(device: string, result: NativeResult): void {
		const asked = this.#waiting.get(result.id);
		if (asked?.device !== device) return;
		clearTimeout(asked.timer);
		this.#waiting.delete(result.id);
		this.#options.answer({ device, result });
	}

	/** Idempotent. What waits is not answered. */
	stop(): void {
		for (const { timer } of this.#waiting.values()) clearTimeout(timer);
		this.#waiting.clear();
	}
}
