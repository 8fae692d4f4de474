import type { Logger } from "pino";
import type { Fork, WitnessFiles } from "./witness-files.ts";

export interface WitnessAlarmOptions {
	agent: string;
	files: Pick<WitnessFiles, "fork" | "forkPath">;
	/** Publishes a retained message on the device broker; an empty one takes it away. */
	announce: (topic: string, payload: string) => void;
	/** `null`: no webhook. */
	webhookUrl: string | null;
	logger: Logger;
	/** How often the evidence is looked for, and the error and an undelivered webhook are repeated, ms. */
	intervals?: { look: number; repeat: number };
}

/**
 * The alarm that the server can't suppress: as long as there is evidence of a fork on this machine it is logged again and again, stands
 * on the device broker below `watchroom-agent/{agent}/alarm`, and is sent to a webhook until that has taken it.
 */
export class WitnessAlarm {
	readonly #options: WitnessAlarmOptions;
	#timer: NodeJS.Timeout | undefined;
	#active: Fork | null = null;
	#complainedAt = Number.NEGATIVE_INFINITY;
	#delivered = false;
	#sending = false;

	constructor(options: WitnessAlarmOptions) {
		this.#options = options;
	}

	start(): void {
		this.#timer = setInterval(() => this.look(), this.#options.intervals?.look ?? 1_000);
		this.look();
	}

	/** Idempotent. */
	stop(): void {
		clearInterval(this.#timer);
	}

	/** Looks at the evidence now. */
	look(): void {
		const { files, agent, announce, logger, intervals } = this.#options;
		let fork: Fork | null;
		try {
			fork = files.fork();
		} catch (error) {
			// Damaged evidence is evidence.
			fork = { at: 0, reason: `the evidence can't be read: ${String(error)}`, known: { key: "", checkpoint: "" }, shown: { key: "", request: "" } };
		}
		const topic = `watchroom-agent/${agent}/alarm`;
		if (!fork) {
			if (this.#active) {
				announce(topic, "");
				logger.warn("ledger fork cleared: checkpoints are co-signed again");
			}
			this.#active = null;
			this.#delivered = false;
			return;
		}
		if (this.#active?.at !== fork.at) {
			this.#delivered = false;
			this.#complainedAt = Number.NEGATIVE_INFINITY;
			announce(topic, JSON.stringify(alarmOf(agent, fork)));
		}
		this.#active = fork;
		if (performance.now() - this.#complainedAt < (intervals?.repeat ?? 60_000)) return;
		this.#complainedAt = performance.now();
		logger.error(
			{ reason: fork.reason, evidence: files.forkPath },
			"THE LEDGER WAS REWRITTEN: the server showed a history that contradicts what was seen before; nothing is co-signed until a person has looked into it",
		);
		void this.#send(fork);
	}

	/** Says it again to a broker that has been started (anew). */
	announceAgain(): void {
		const { agent, announce } = this.#options;
		if (this.#active) announce(`watchroom-agent/${agent}/alarm`, JSON.stringify(alarmOf(agent, this.#active)));
	}

	async #send(fork: Fork): Promise<void> {
		const { webhookUrl, agent, logger } = this.#options;
		if (webhookUrl === null || this.#delivered || this.#sending) return;
		this.#sending = true;
		try {
			const answer = await fetch(webhookUrl, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify({ ...alarmOf(agent, fork), evidence: { known: fork.known, shown: fork.shown } }),
				signal: AbortSignal.timeout(10_000),
			});
			await answer.body?.cancel();
			this.#delivered = answer.ok;
			if (!answer.ok) logger.warn({ status: answer.status }, "the witness's webhook did not take the alarm; trying again");
		} catch (error) {
			logger.warn({ reason: error instanceof Error ? error.message : "" }, "the witness's webhook can't be reached; trying again");
		} finally {
			this.#sending = false;
		}
	}
}

const alarmOf = (agent: string, fork: Fork) => ({ alarm: "ledger-fork", agent, at: new Date(fork.at).toISOString(), reason: fork.reason });
