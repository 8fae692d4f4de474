import { describe, expect, test } from "vitest";
import type { ReviewItem } from "../../../contracts/reviews.ts";
import { ProblemError } from "../../../dashboard/src/api/problem-error.ts";
import { type Draft, DraftBox, type DraftContent } from "../../../dashboard/src/features/reviews/draft-box.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { ME, reviewItem } from "./review-items.ts";

const keep: DraftContent = { decision: "keep", reason: null, change: null };
const revoke: DraftContent = { decision: "revoke", reason: "not needed any more", change: null };
const OTHER = { id: "other", username: "other", name: "Other" };

function memory(): Storage {
	const kept = new Map<string, string>();
	return {
		get length() {
			return kept.size;
		},
		key: (place) => [...kept.keys()][place] ?? null,
		getItem: (key) => kept.get(key) ?? null,
		setItem: (key, value) => void kept.set(key, value),
		removeItem: (key) => void kept.delete(key),
		clear: () => kept.clear(),
	};
}

/** A server that keeps items with their versions, as the real one does, and a tab at it. */
function bench(storage = memory()) {
	const items = new Map<string, ReviewItem>(["a", "b", "c"].map((id, place) => [id, reviewItem({ id, number: place + 1, version: 1 })]));
	const sent: string[][] = [];
	/** `refuse`: nothing arrives. `lose`: it arrives, and its answer doesn't. */
	const link = { mode: "up" as "up" | "refuse" | "lose", refuses: null as string | null };
	const retries: (() => void)[] = [];
	const saved = new Map<string, number>();
	const read: ReviewItem[] = [];
	const unreachable = () => new ProblemError({ status: 0, code: "unreachable", detail: "no answer", id: null });
	const put = (id: string, content: DraftContent, by: typeof ME | null, version: number) =>
		items.set(id, { ...(items.get(id) ?? reviewItem({ id })), ...content, decidedBy: content.decision === null ? null : by, version });
	const take = ({ item, decision, reason, change, version }: Draft) => {
		const now = items.get(item);
		if (now?.version !== version) return { item, ok: false, version: null, code: "changed-meanwhile", detail: "changed" };
		put(item, { decision, reason, change }, ME, version + 1);
		return { item, ok: true, version: version + 1, code: null, detail: null };
	};
	const tab = () =>
		new DraftBox({
			review: "r",
			account: ME.id,
			storage,
			now: () => 1000,
			later: (act) => {
				retries.push(act);
				return () => void retries.splice(retries.indexOf(act), 1);
			},
			send: async (drafts) => {
				sent.push(drafts.map(({ item }) => item));
				if (link.mode === "refuse") throw unreachable();
				if (drafts.some(({ item }) => item === link.refuses))
					throw new ProblemError({ status: 400, code: "invalid", detail: "expected a reason", id: null });
				const answers = drafts.map(take);
				if (link.mode === "lose") throw unreachable();
				return answers;
			},
			read: async (item) => items.get(item) ?? reviewItem({ id: item }),
			onSaved: ({ item }, version) => void saved.set(item, version),
			onRead: (item) => void read.push(item),
		});
	const box = tab();
	const again = () => {
		link.mode = "up";
		for (const retry of retries.splice(0)) retry();
	};
	const drafts = (of = box) => [...of.store.getState().drafts.values()];
	const settled = (of = box) => waitFor("all sent or refused", async () => drafts(of).every(({ refused }) => refused !== null), 2000, 2);
	const broken = (of = box) => waitFor("a broken link", async () => of.store.getState().broken && retries.length > 0, 2000, 2);
	box.start();
	return { storage, items, sent, link, saved, read, put, tab, box, again, drafts, settled, broken };
}

describe("drafts of a review", () => {
	test("a decision goes out at once, and nothing of it stays behind", async () => {
		const { box, settled, items, drafts, storage, saved } = bench();
		box.decide("a", keep, 1);
		expect(drafts()).toHaveLength(1);
		await settled();
		expect(items.get("a")).toMatchObject({ decision: "keep", version: 2 });
		expect([saved.get("a"), drafts().length, storage.length]).toEqual([2, 0, 0]);
	});

	test("what is decided before the first is on its way goes out together, on one item the last one", async () => {
		const { box, settled, items, sent } = bench();
		box.decide("a", keep, 1);
		box.decide("b", keep, 1);
		box.decide("c", keep, 1);
		box.decide("b", revoke, 1);
		await settled();
		expect(sent.flat()).toEqual(["a", "b", "c"]);
		expect([items.get("b")?.decision, items.get("c")?.decision]).toEqual(["revoke", "keep"]);
	});

	test("a decision changed while it was under way follows the first one with the version that came of it", async () => {
		const { box, settled, items } = bench();
		box.decide("a", keep, 1);
		await Promise.resolve();
		box.decide("a", revoke, 1);
		await settled();
		expect(items.get("a")).toMatchObject({ decision: "revoke", version: 3 });
	});

	test("a decision on a page that still shows the version before the last saved one is no conflict with oneself", async () => {
		const { box, items, saved } = bench();
		box.start();
		box.decide("a", revoke, 1);
		await waitFor("the first", () => saved.get("a") === 2);
		await waitFor("nothing under way", () => box.store.getState().drafts.size === 0);
		box.decide("a", keep, 1);
		await waitFor("the second", () => saved.get("a") === 3);
		expect(items.get("a")).toMatchObject(keep);
	});

	test("without a connection all stays in the browser, and goes out in one request once there is one", async () => {
		const { box, broken, again, settled, link, sent, items, storage } = bench();
		link.mode = "refuse";
		box.decide("a", keep, 1);
		await broken();
		box.decide("b", revoke, 1);
		await broken();
		expect(storage.length).toBe(2);
		sent.length = 0;
		again();
		await settled();
		expect(sent).toEqual([["a", "b"]]);
		expect([items.get("a")?.decision, items.get("b")?.decision, storage.length]).toEqual(["keep", "revoke", 0]);
	});

	test("a closed tab loses nothing: the next one sends what is left", async () => {
		const first = bench();
		first.link.mode = "refuse";
		first.box.decide("a", revoke, 1);
		await first.broken();
		first.box.stop();
		first.link.mode = "up";
		const next = first.tab();
		next.start();
		await first.settled(next);
		expect(first.items.get("a")).toMatchObject({ decision: "revoke", reason: "not needed any more" });
		expect(first.storage.length).toBe(0);
	});

	test("an answer that got lost is no conflict, also when the decision was changed meanwhile", async () => {
		const { box, broken, again, settled, link, items, drafts } = bench();
		link.mode = "lose";
		box.decide("a", keep, 1);
		box.decide("b", keep, 1);
		await broken();
		box.decide("b", revoke, 1);
		await broken();
		again();
		await settled();
		expect(drafts()).toEqual([]);
		expect([items.get("a")?.decision, items.get("b")?.decision]).toEqual(["keep", "revoke"]);
	});

	test("what somebody else decided is never overwritten; the draft waits, over a closed tab too, until its author says what shall be", async () => {
		const { box, settled, items, put, drafts, read, tab } = bench();
		put("a", keep, OTHER, 2);
		box.decide("a", revoke, 1);
		await settled();
		expect(items.get("a")).toMatchObject({ decision: "keep", decidedBy: OTHER });
		expect(read.at(-1)).toMatchObject({ id: "a", decidedBy: OTHER });
		expect(drafts()).toMatchObject([{ item: "a", refused: { code: "changed-meanwhile" } }]);
		box.stop();
		const next = tab();
		next.start();
		expect(drafts(next)).toMatchObject([{ item: "a", refused: { code: "changed-meanwhile" } }]);
		next.decide("a", revoke, 2);
		await settled(next);
		expect(items.get("a")).toMatchObject({ decision: "revoke", decidedBy: ME });
		put("b", keep, OTHER, 2);
		next.decide("b", revoke, 1);
		await settled(next);
		next.discard("b");
		expect(drafts(next)).toEqual([]);
		expect(items.get("b")).toMatchObject({ decision: "keep", decidedBy: OTHER });
	});

	test("a decision that the server can't read holds up no other", async () => {
		const { box, settled, items, drafts, link } = bench();
		link.refuses = "b";
		box.decide("a", keep, 1);
		box.decide("b", revoke, 1);
		box.decide("c", keep, 1);
		await settled();
		expect([items.get("a")?.decision, items.get("c")?.decision]).toEqual(["keep", "keep"]);
		expect(drafts()).toMatchObject([{ item: "b", refused: { code: "invalid", detail: "expected a reason" } }]);
	});

	test("a browser that can't store says so, and sends all the same", async () => {
		const storage = memory();
		storage.setItem = () => {
			throw new Error("quota");
		};
		const { box, settled, items } = bench(storage);
		box.decide("a", keep, 1);
		expect(box.store.getState().kept).toBe(false);
		await settled();
		expect(items.get("a")?.decision).toBe("keep");
	});
});
