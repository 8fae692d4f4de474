import type { Health } from "../../contracts/api.ts";

export type PartStatus = "ok" | "degraded" | "down";

export interface PartHealth {
	status: PartStatus;
	/** One line for a person: what works, or what doesn't and since when. */
	detail: string;
}

/** A part that the server needs. `check` may throw, which counts as down. */
export interface HealthCheck {
	name: string;
	check(): Promise<PartHealth> | PartHealth;
}

/** How long a check may take before it counts as down, ms. */
const CHECK_LIMIT_MS = 3_000;

/** Asks every part at once. The whole is as bad as its worst part. */
export async function healthOf(checks: readonly HealthCheck[], limitMs = CHECK_LIMIT_MS): Promise<Health> {
	const parts = await Promise.all(checks.map(async (check) => ({ name: check.name, ...(await ask(check, limitMs)) })));
	const worst = (["down", "degraded"] as const).find((status) => parts.some((part) => part.status === status));
	return { status: worst ?? "ok", parts };
}

async function ask(check: HealthCheck, limitMs: number): Promise<PartHealth> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<PartHealth>((resolve) => {
		timer = setTimeout(() => resolve({ status: "down", detail: `no answer within ${limitMs} ms` }), limitMs);
	});
	try {
		return await Promise.race([Promise.resolve().then(() => check.check()), late]);
	} catch (error) {
		return { status: "down", detail: error instanceof Error ? error.message : String(error) };
	} finally {
		clearTimeout(timer);
	}
}
