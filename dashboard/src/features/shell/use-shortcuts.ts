import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { isField } from "../../ui/is-field.ts";
import { usePreference } from "../../ui/preferences.ts";
import { nextShortcut, type ShortcutState } from "./shortcuts.ts";

/** Listens for the shortcuts that work everywhere. */
export function useShortcuts(onHelp: () => void): void {
	const navigate = useNavigate();
	const enabled = usePreference((preferences) => preferences.shortcuts);
	const state = useRef<ShortcutState>({ prefixAt: null });
	useEffect(() => {
		if (!enabled) return;
		const onKey = (event: KeyboardEvent) => {
			if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
			const next = nextShortcut(state.current, event.key, isField(event.target), event.timeStamp);
			state.current = next.state;
			if (!next.action || next.action.type === "escape") return;
			event.preventDefault();
			if (next.action.type === "help") onHelp();
			else if (next.action.type === "go") void navigate({ to: next.action.to });
			else document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
		};
		document.addEventListener("keydown", onKey);
		return () => document.removeEventListener("keydown", onKey);
	}, [enabled, navigate, onHelp]);
}
