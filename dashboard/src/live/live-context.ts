import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import type { LiveLink } from "./live-link.ts";
import type { LiveState, LiveStore } from "./live-state.ts";
import type { Live, ReadingStore } from "./reading-store.ts";

export interface LiveServices {
	readings: ReadingStore;
	state: LiveStore;
	/** `null` until the site is known. */
	link: LiveLink | null;
}

export const LiveContext = createContext<LiveServices | null>(null);

export function useLive(): LiveServices {
	const services = useContext(LiveContext);
	if (!services) throw new Error("useLive outside of LiveContext");
	return services;
}

/** Part of the shared live state; renders again only when that part changes. */
export function useLiveState<T>(select: (state: LiveState) => T): T {
	return useStore(useLive().state, select);
}

/** Newest state of one point. */
export function useReading(id: string): Live {
	const { readings } = useLive();
	const subscribe = useCallback((listener: () => void) => readings.subscribe([id], listener), [readings, id]);
	return useSyncExternalStore(subscribe, () => readings.get(id));
}

/** Renders again when any of the points changes, and hands out the store to read them from. `ids` must keep its identity. */
export function useReadings(ids: readonly string[]): ReadingStore {
	const { readings } = useLive();
	const subscribe = useCallback((listener: () => void) => readings.subscribe(ids, listener), [readings, ids]);
	useSyncExternalStore(subscribe, () => readings.version(ids));
	return readings;
}

/** Unix ms of the server's clock, moving once a second. */
export function useNow(): number {
	return useLiveState((state) => state.now);
}

/** The link is not live: everything on the screen is only what was known last. */
export function useIsLost(): boolean {
	return useLiveState((state) => state.connection.phase === "lost");
}
