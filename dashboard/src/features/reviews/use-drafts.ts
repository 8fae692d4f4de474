import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import type { ReviewItem } from "../../../../contracts/reviews.ts";
import { accessReviewQuery, decideMany, fetchReviewItem, reviewItemsQuery } from "../../api/reviews.ts";
import { useSession } from "../session/session-context.ts";
import { type Draft, DraftBox, type DraftState } from "./draft-box.ts";

/** The drafts of whoever is signed in, sent for as long as the page is open; and the items, kept as the server has them. */
export function useDrafts(review: string): { box: DraftBox; state: DraftState } {
	const queries = useQueryClient();
	const { user } = useSession();
	const box = useMemo(() => {
		const { queryKey } = reviewItemsQuery(review);
		const replace = (item: string, by: (before: ReviewItem) => ReviewItem) =>
			queries.setQueryData(queryKey, (items: ReviewItem[] | undefined) => items?.map((one) => (one.id === item ? by(one) : one)));
		return new DraftBox({
			review,
			account: user.id,
			storage: window.localStorage,
			now: Date.now,
			later: (act, ms) => {
				const timer = setTimeout(act, ms);
				return () => clearTimeout(timer);
			},
			send: async (drafts) => {
				const { items } = await decideMany(review, drafts.map(wire));
				void queries.invalidateQueries({ queryKey: accessReviewQuery(review).queryKey });
				return items;
			},
			read: (item) => fetchReviewItem(review, item),
			onSaved: async (draft, version) => {
				replace(draft.item, (item) => ({ ...item, ...decided(draft, user), version }));
				// What the list was asked before may be answered without the decision.
				if (queries.isFetching({ queryKey }) > 0) {
					await queries.cancelQueries({ queryKey });
					void queries.invalidateQueries({ queryKey });
				}
				// What is put into the query cache is told to the page in a task of its own: without the draft, the item would show as before.
				await new Promise((resolve) => setTimeout(resolve));
			},
			onRead: (item) => replace(item.id, () => item),
		});
	}, [queries, review, user]);
	useEffect(() => {
		const flush = () => box.flush();
		// What the storage can't keep is lost with the tab: then the browser asks first.
		const onLeave = (event: BeforeUnloadEvent) => {
			const { drafts, kept } = box.store.getState();
			if (!kept && drafts.size > 0) event.preventDefault();
		};
		window.addEventListener("online", flush);
		window.addEventListener("beforeunload", onLeave);
		box.start();
		return () => {
			window.removeEventListener("online", flush);
			window.removeEventListener("beforeunload", onLeave);
			box.stop();
		};
	}, [box]);
	return { box, state: useStore(box.store) };
}

const wire = ({ item, decision, reason, change, version }: Draft) => ({ item, decision, reason, version, ...(change !== null && { change }) });

function decided({ decision, reason, change, at }: Draft, user: { id: string; username: string; name: string }) {
	const none = { decision, reason: null, change: null, decidedBy: null, decidedAt: null, block: false };
	if (decision === null) return none;
	const by = { id: user.id, username: user.username, name: user.name };
	return { decision, reason, change, decidedBy: by, decidedAt: new Date(at).toISOString(), block: false };
}
