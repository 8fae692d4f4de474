import { parsePointId } from "../../contracts/identifiers.ts";
import type { Clock } from "../platform/clock.ts";
import type { AlarmService } from "./alarm-service.ts";
import { type Held, look, type OwnCondition } from "./own-conditions.ts";
import type { OwnRuleId } from "./own-rules.ts";

export interface OwnWatchOptions {
	alarms: Pick<AlarmService, "list" | "report">;
	/** The rules whose conditions `conditions` gives: no others are touched. */
	rules: readonly OwnRuleId[];
	/** All there is to look at now; `active`: whether the alarm is active. An active alarm on something that is no longer there returns. */
	conditions(now: number, active: (rule: OwnRuleId, subject: string) => boolean): readonly OwnCondition[];
	clock: Clock;
	/** ms between two looks: 1,000 where it isn't given; `null`: whoever built this calls `tick`. */
	tickEvery?: number | null;
}

/** Most alarms that a restart looks for, per rule. */
const MOST = 100_000;

/** Looks at the server's own conditions once a second and reports each change. */
export class OwnWatch {
	readonly #options: OwnWatchOptions;
	readonly #held = new Map<OwnRuleId, Map<string, Held>>();
	/** What was said last of active ones, by rule and subject. */
	readonly #said = new Map<string, string>();
	#timer: NodeJS.Timeout | undefined;

	constructor(options: OwnWatchOptions) {
		this.#options = options;
	}

	/** After the alarms. Goes on with the alarms that are active, so that those whose condition has ended meanwhile return. */
	async start(): Promise<void> {
		const { alarms, rules, tickEvery = 1000 } = this.#options;
		for (const rule of rules) {
			const { items } = await alarms.list({ rule, active: true }, { limit: MOST, after: null });
			const subjects = items.flatMap(({ point }) => parsePointId(point)?.point ?? []);
			this.#held.set(rule, new Map(subjects.map((subject) => [subject, { active: true, differs: null }])));
		}
		if (tickEvery !== null) this.#timer = setInterval(() => this.tick(), tickEvery);
	}

	/** Idempotent. */
	stop(): void {
		clearInterval(this.#timer);
	}

	/** Reports what has changed; once recorded or not, it is not said again. */
	tick(): void {
		const now = this.#options.clock.now();
		const present = new Map<OwnRuleId, Set<string>>();
		for (const condition of this.#options.conditions(now, (rule, subject) => this.#held.get(rule)?.get(subject)?.active ?? false)) {
			const { rule, subject, message, ofNow = false, room, rack } = condition;
			present.set(rule, (present.get(rule) ?? new Set()).add(subject));
			const before = this.#held.get(rule)?.get(subject) ?? { active: false, differs: null };
			const after = look(before, condition, now);
			this.#held.get(rule)?.set(subject, after);
			const key = `${rule} ${subject}`;
			if (after.active !== before.active || (ofNow && after.active && condition.holds && this.#said.get(key) !== message)) {
				this.#said.set(key, message);
				this.#report({
					rule,
					subject,
					active: after.active,
					at: now,
					message,
					...(room !== undefined && { room }),
					...(rack !== undefined && { rack }),
				});
			}
		}
		for (const [rule, subjects] of this.#held)
			for (const [subject, { active }] of subjects) {
				if (present.get(rule)?.has(subject)) continue;
				subjects.delete(subject);
				if (active) this.#report({ rule, subject, active: false, at: now, message: "no longer part of the site" });
			}
	}

	#report(report: Parameters<AlarmService["report"]>[0]): void {
		void this.#options.alarms.report(report);
	}
}
