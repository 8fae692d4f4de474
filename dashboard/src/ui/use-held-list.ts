import { type FocusEvent, useCallback, useEffect, useMemo, useState } from "react";
import { holdList } from "../live/held-list.ts";

interface Item {
	id: string;
}

/**
 * Keeps a list's order while the pointer or the focus is inside it. `handlers` go on the element around the list;
 * `fresh` counts what waits to be shown, `show` lets it in; `edit` changes what is held, where somebody asked for it. `pinned`: it is
 * held in any case, as while a dialog about one of its rows has the focus.
 */
export function useHeldList<T extends Item>(current: readonly T[], lookUp: (id: string) => T | undefined, pinned = false) {
	const [inside, setInside] = useState({ pointer: false, focus: false });
	const [shown, setShown] = useState<readonly string[] | null>(null);
	const ids = useMemo(() => current.map((item) => item.id), [current]);
	const hold = useCallback((change: Partial<typeof inside>) => {
		setInside((before) => ({ ...before, ...change }));
	}, []);
	// Let go only after a dialog that closes has given the focus back to its row.
	const [lingers, setLingers] = useState(false);
	useEffect(() => setLingers(pinned), [pinned]);
	const held = inside.pointer || inside.focus || pinned || lingers;
	if (held && shown === null) setShown(ids);
	if (!held && shown !== null) setShown(null);
	const list = holdList(held ? (shown ?? ids) : null, ids);
	const items = list.ids.flatMap((id) => {
		const item = lookUp(id);
		return item ? [item] : [];
	});
	return {
		items,
		fresh: list.fresh,
		show: () => setShown(ids),
		edit: (change: (shown: readonly string[]) => readonly string[]) => setShown((before) => (before === null ? before : change(before))),
		handlers: {
			onPointerEnter: () => hold({ pointer: true }),
			onPointerLeave: () => hold({ pointer: false }),
			onFocus: () => hold({ focus: true }),
			onBlur: (event: FocusEvent<HTMLElement>) => {
				if (!event.currentTarget.contains(event.relatedTarget)) hold({ focus: false });
			},
		},
	};
}
