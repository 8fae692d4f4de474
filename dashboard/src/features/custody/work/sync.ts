/** Brings what waits on this device to the server, one step after the other. */
import { z } from "zod";
import { type MediumView, mediumViewSchema } from "../../../../../contracts/media.ts";
import { fetchJson } from "../../../api/fetch-json.ts";
import { ProblemError } from "../../../api/problem-error.ts";
import type { DeviceStore } from "./device-store.ts";
import { nextToSend, type QueuedStep } from "./queue.ts";

/**
 * - `done`: nothing more of this person waits
 * - `unreachable`: no network, or no server
 * - `confirm`: the server wants a proof of who signs
 * - `signed-out`: nobody is logged in any more
 */
export type SyncEnd = "done" | "unreachable" | "confirm" | "signed-out";
/** A step that is told later than this has waited. */
const WAITED = 60_000;

/**
 * Sends the steps of `account`. `onTold` is called for each that the server has taken, with the medium as it is now; `null`: the step has
 * stopped the medium's chain. A step whose answer is lost is sent again, and the server makes it once.
 */
export async function sync(store: DeviceStore, account: string, onTold: (step: QueuedStep, medium: MediumView | null) => void): Promise<SyncEnd> {
	for (;;) {
		const step = nextToSend(await store.steps(), account);
		if (!step) return "done";
		const end = await send(store, step, onTold);
		if (end) return end;
	}
}

async function send(store: DeviceStore, step: QueuedStep, onTold: (step: QueuedStep, medium: MediumView | null) => void): Promise<SyncEnd | null> {
	try {
		for (const digest of step.input.photos) await upload(store, digest);
		const queued = step.input.queued || Date.now() - Date.parse(step.input.at) > WAITED;
		const path = `/api/v1/media/${encodeURIComponent(step.medium)}/steps`;
		const medium = await fetchJson(path, mediumViewSchema, { method: "POST", body: { ...step.input, queued } });
		await store.remove([step.number]);
		onTold(step, medium);
		return null;
	} catch (error) {
		if (!(error instanceof ProblemError) || error.status === 0 || error.status >= 500 || error.status === 429) return "unreachable";
		if (error.status === 401) return "signed-out";
		if (error.code === "confirmation-required") return "confirm";
		if (error.code === "chain-stopped-now") {
			await store.remove([step.number]);
			onTold(step, null);
			return null;
		}
		const fields = error.errors.map(({ field, message }) => `${field}: ${message}`);
		await store.change({ ...step, refused: [error.message, ...fields].join(" ") });
		return null;
	}
}

const keptSchema = z.object({ digest: z.string() });

async function upload(store: DeviceStore, digest: string): Promise<void> {
	const blob = await store.photo(digest);
	// The step names it all the same: the server then says what is missing.
	if (!blob) return;
	await fetchJson("/api/v1/media/photos", keptSchema, { method: "POST", blob });
}
