import { SYSTEM } from "../../platform/actor.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/logger.ts";
import { Rounds } from "../../platform/rounds.ts";
import type { AccessRegister } from "./access-register.ts";
import { overdue } from "./lapse.ts";

export interface LapseWatchOptions {
	register: AccessRegister;
	clock: Clock;
	logger: Logger;
	/** Time between two looks, ms. */
	every?: number;
}

/** Acts in one transaction: a lock that is held for long holds up a revocation. */
const AT_ONCE = 200;

/**
 * Records that grants have lapsed and that credentials have expired (ACC-6). They open nothing from their moment on, whether it is
 * recorded or not; several servers may look, and each lapse is recorded by one of them.
 */
export class LapseWatch {
	readonly #options: LapseWatchOptions;
	readonly #rounds: Rounds;
	#stopped = false;

	constructor(options: LapseWatchOptions) {
		this.#options = options;
		this.#rounds = new Rounds({
			look: () => this.look(),
			every: options.every ?? 10_000,
			logger: options.logger,
			failed: "lapsed access could not be recorded; trying again",
		});
	}

	/** After the register. */
	start(): void {
		this.#rounds.start();
		this.#rounds.wake();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		this.#stopped = true;
		await this.#rounds.stop();
	}

	/** Records all that is over by now. */
	async look(): Promise<void> {
		const { register, clock } = this.#options;
		const any = () => Object.values(overdue(register.current(), clock.now())).some((ids) => ids.length > 0);
		while (any() && !this.#stopped)
			await register.change(SYSTEM, async (edit) => {
				// Under the lock: another server may have been first.
				const { grants, credentials } = overdue(edit.before, edit.now);
				await edit.endGrants(grants.slice(0, AT_ONCE), "lapsed", "Nobody has asked for it again in three months.");
				for (const id of credentials.slice(0, AT_ONCE)) await edit.setCredentialState(id, "expired", "Its time is over.");
			});
	}
}
