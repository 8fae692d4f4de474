import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { SessionView } from "../../../../../contracts/identity.ts";
import type { StepInput } from "../../../../../contracts/media.ts";
import { sessionQuery } from "../../../api/session.ts";
import type { DeviceStore, Work } from "./device-store.ts";
import { nextToSend, type Person, type QueuedStep } from "./queue.ts";
import { readWork } from "./read-work.ts";
import { type SyncEnd, sync } from "./sync.ts";

/** How often a device that has something to tell, or nothing new, tries again. */
const TRY_EVERY = 4000;
const READ_EVERY = 20_000;

export interface WorkState {
	/** `null`: nothing was ever read on this device. */
	work: Work | null;
	steps: readonly QueuedStep[];
	/** Steps that the server has, and that stopped a chain; newest last. */
	stopped: readonly QueuedStep[];
	/** `undefined` until it is known. */
	session: SessionView | null | undefined;
	online: boolean;
	sending: boolean;
	/** The server wants a proof of who signs before it takes anything more. */
	confirm: boolean;
	add(medium: string, by: Person, input: StepInput, photos: readonly { digest: string; blob: Blob }[]): Promise<void>;
	/** Gives a refused step up, with what waits behind it for the same medium. */
	giveUp(step: QueuedStep): Promise<void>;
	/** Tries at once: somebody has confirmed who they are, or logged in. */
	retry: () => void;
	dismissStopped: () => void;
}

/** The media, the steps that wait on this device, and their way to the server. */
export function useWork(store: DeviceStore): WorkState {
	const queries = useQueryClient();
	const session = useQuery({ ...sessionQuery, staleTime: 0, refetchInterval: READ_EVERY, retry: false });
	const [work, setWork] = useState<Work | null>(null);
	const [steps, setSteps] = useState<readonly QueuedStep[]>([]);
	const [stopped, setStopped] = useState<readonly QueuedStep[]>([]);
	const [end, setEnd] = useState<SyncEnd | null>(null);
	const [sending, setSending] = useState(false);
	const busy = useRef(false);
	const workNow = useRef<Work | null>(null);

	const keep = useCallback(
		async (fresh: Work) => {
			workNow.current = fresh;
			setWork(fresh);
			await store.keepWork(fresh);
		},
		[store],
	);

	useEffect(() => {
		void (async () => {
			workNow.current = await store.work();
			setWork(workNow.current);
			setSteps(await store.steps());
		})();
	}, [store]);

	const known = session.data;
	const go = useCallback(async () => {
		if (busy.current || !known) return;
		busy.current = true;
		// Two tabs of one device don't send at the same time.
		await navigator.locks.request("watchroom-media-sync", async () => {
			setSending(nextToSend(await store.steps(), known.user.id) !== null);
			const ended = await sync(store, known.user.id, (step, medium) => {
				if (medium === null) setStopped((before) => [...before, step]);
				const before = workNow.current;
				if (before && medium) void keep({ ...before, media: before.media.map((one) => (one.id === medium.id ? medium : one)) });
				setSteps((all) => all.filter(({ number }) => number !== step.number));
			});
			setSteps(await store.steps());
			setSending(false);
			setEnd(ended);
			if (ended === "signed-out") queries.setQueryData(sessionQuery.queryKey, null);
			if (ended === "done")
				await readWork(known, AbortSignal.timeout(30_000))
					.then(keep)
					.catch(() => setEnd("unreachable"));
		});
		busy.current = false;
	}, [known, store, keep, queries]);

	const waits = steps.length > 0;
	useEffect(() => {
		void go();
		const timer = setInterval(() => void go(), waits ? TRY_EVERY : READ_EVERY);
		const now = () => {
			void session.refetch();
			void go();
		};
		addEventListener("online", now);
		return () => {
			clearInterval(timer);
			removeEventListener("online", now);
		};
	}, [go, waits, session.refetch]);

	return {
		work,
		steps,
		stopped,
		session: known === undefined && session.error ? undefined : known,
		online: end !== "unreachable" && !session.error && navigator.onLine,
		sending,
		confirm: end === "confirm",
		async add(medium, by, input, photos) {
			await store.add({ medium, by, input }, photos);
			setSteps(await store.steps());
			void go();
		},
		async giveUp(step) {
			const behind = (await store.steps()).filter(({ medium, number }) => medium === step.medium && number >= step.number);
			await store.remove(behind.map(({ number }) => number));
			setSteps(await store.steps());
			void go();
		},
		retry() {
			setEnd(null);
			void session.refetch();
			void go();
		},
		dismissStopped: () => setStopped([]),
	};
}
