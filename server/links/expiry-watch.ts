import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import { EXPIRES_SOON, type Expiry } from "./links-service.ts";

const DAY_MS = 86_400_000;
/** A certificate with less than this left is urgent, ms. */
const URGENT = 7 * DAY_MS;
const EVERY = 3_600_000;

export interface ExpiryReport {
	rule: "certificate-expiry" | "certificate-expiry-soon";
	subject: string;
	active: boolean;
	at: number;
	message: string;
}

/**
 * What to say of the certificates: 30 days before its end each has an alarm, 7 days before it an urgent one. `subjects`: all that there
 * can be, so that one which was renewed or revoked is said to be well again, also after a restart. `now`: Unix ms.
 */
export function expiryReports(expiries: readonly Expiry[], subjects: readonly Pick<Expiry, "of" | "name">[], now: number): ExpiryReport[] {
	return subjects.flatMap(({ of, name }) => {
		const found = expiries.find((expiry) => expiry.of === of && expiry.name === name);
		const left = found ? found.expiresAt - now : Number.POSITIVE_INFINITY;
		const when = found ? new Date(found.expiresAt).toISOString().slice(0, 10) : "";
		const what = of === "agent" ? `Certificate or token of agent ${name}` : of === "server" ? "Certificate of the server" : "Private authority";
		const message = left <= 0 ? `${what} ended on ${when}` : `${what} ends on ${when}`;
		const common = { subject: (of === "agent" ? `certificate-${name}` : `certificate.${of}`).slice(0, 64), at: now, message };
		return [
			{ ...common, rule: "certificate-expiry" as const, active: left < EXPIRES_SOON },
			{ ...common, rule: "certificate-expiry-soon" as const, active: left < URGENT },
		];
	});
}

export interface ExpiryWatchOptions {
	expiries: () => readonly Expiry[];
	/** Ids of the site's agents. */
	agents: () => readonly string[];
	report: (report: ExpiryReport) => Promise<void>;
	/** Renews what the server can renew by itself; before each look. */
	renew: () => Promise<unknown>;
	clock: Clock;
	logger: Logger;
}

/** Looks at the ends of the certificates at the start and each hour. */
export class ExpiryWatch {
	readonly #options: ExpiryWatchOptions;
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> = Promise.resolve();

	constructor(options: ExpiryWatchOptions) {
		this.#options = options;
	}

	/** After the alarms and the links. */
	start(): void {
		const look = () => {
			this.#looking = this.#look().catch((error: unknown) => this.#options.logger.warn({ err: error }, "ends of certificates could not be reported"));
		};
		look();
		this.#timer = setInterval(look, EVERY);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#looking;
	}

	async #look(): Promise<void> {
		const { expiries, agents, report, renew, clock } = this.#options;
		await renew();
		const subjects = [
			{ of: "server" as const, name: "server" },
			{ of: "authority" as const, name: "private authority" },
			...agents().map((name) => ({ of: "agent" as const, name })),
		];
		for (const each of expiryReports(expiries(), subjects, clock.now())) await report(each);
	}
}
