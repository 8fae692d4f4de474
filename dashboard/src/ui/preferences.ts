import { createContext, useContext } from "react";
import { z } from "zod";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

const preferencesSchema = z.object({
	language: z.enum(["en", "zh"]),
	theme: z.enum(["dark", "light"]),
	/** Single-key shortcuts can be switched off (WCAG 2.2, 2.1.4). */
	shortcuts: z.boolean(),
	/** Alarms are heard. */
	sound: z.boolean(),
	site: z.string().nullable(),
});
export type Preferences = z.infer<typeof preferencesSchema>;

const KEY = "watchroom.preferences";

/** What this browser remembers of its user. Unreadable storage means the defaults. */
export function createPreferences(storage: Pick<Storage, "getItem" | "setItem">, browserLanguage: string) {
	const defaults: Preferences = {
		language: browserLanguage.startsWith("zh") ? "zh" : "en",
		theme: "dark",
		shortcuts: true,
		sound: true,
		site: null,
	};
	const store = createStore<Preferences>()(() => ({ ...defaults, ...read(storage) }) as Preferences);
	store.subscribe((state) => {
		try {
			storage.setItem(KEY, JSON.stringify(state));
		} catch {
			// Private windows may refuse to store; the choice then lasts as long as the page.
		}
	});
	return store;
}
export type PreferencesStore = ReturnType<typeof createPreferences>;

function read(storage: Pick<Storage, "getItem">): { [key in keyof Preferences]?: Preferences[key] | undefined } {
	try {
		const parsed = preferencesSchema.partial().safeParse(JSON.parse(storage.getItem(KEY) ?? "{}"));
		return parsed.success ? parsed.data : {};
	} catch {
		return {};
	}
}

export const PreferencesContext = createContext<PreferencesStore | null>(null);

export function usePreferencesStore(): PreferencesStore {
	const store = useContext(PreferencesContext);
	if (!store) throw new Error("usePreferencesStore outside of PreferencesContext");
	return store;
}

export function usePreference<T>(select: (preferences: Preferences) => T): T {
	return useStore(usePreferencesStore(), select);
}
