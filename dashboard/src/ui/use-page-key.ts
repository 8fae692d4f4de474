import { useEffect, useRef } from "react";
import { isField } from "./is-field.ts";
import { usePreference } from "./preferences.ts";

/** Calls `onKey` for keys that nothing on the page has used: wherever the focus is, but in a field or while a dialog is open. */
export function usePageKey(onKey: (event: KeyboardEvent) => void): void {
	const enabled = usePreference((preferences) => preferences.shortcuts);
	const latest = useRef(onKey);
	useEffect(() => {
		latest.current = onKey;
	});
	useEffect(() => {
		if (!enabled) return;
		const listen = (event: KeyboardEvent) => {
			if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
			if (!isField(event.target) && document.querySelector("[role=dialog]") === null) latest.current(event);
		};
		document.addEventListener("keydown", listen);
		return () => document.removeEventListener("keydown", listen);
	}, [enabled]);
}
