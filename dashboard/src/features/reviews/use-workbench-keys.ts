import { type RefObject, useEffect, useRef } from "react";
import { usePreference } from "../../ui/preferences.ts";
import { type WorkbenchKey, workbenchKey } from "./workbench-view.ts";

/** Listens for the workbench's keys wherever the focus is, but in fields and dialogs; arrows count on the list only. */
export function useWorkbenchKeys(list: RefObject<HTMLElement | null>, act: (key: WorkbenchKey) => void): void {
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	const newest = useRef(act);
	useEffect(() => {
		newest.current = act;
	});
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => {
			if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
			const { target } = event;
			if (target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select, dialog, dialog *")) return;
			const inList = target instanceof Node && list.current !== null && list.current.contains(target);
			const key = workbenchKey(event.key, inList);
			if (key === null || (!singleKeys && !inList) || (!singleKeys && event.key.length === 1 && event.key !== " ")) return;
			event.preventDefault();
			newest.current(key);
		};
		// After the shortcuts of the whole dashboard, which listen on the document: `g u` leads elsewhere and undoes nothing.
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, [singleKeys, list]);
}
