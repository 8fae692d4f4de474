import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

/** A row's height before any was measured, px. */
const GUESSED = 46;
/** Rows within this of the screen are drawn, so that the next key finds the next row. */
const MARGIN = "800px 0px";

/**
 * Rows of a table that are drawn only near the screen; elsewhere they leave room of the height that they had. `kept`: drawn in any
 * case, as where the focus is.
 */
export function TableChunk({ rows, kept, children }: { rows: number; kept: boolean; children: () => ReactNode }) {
	const body = useRef<HTMLTableSectionElement>(null);
	const [near, setNear] = useState(false);
	const [rowHeight, setRowHeight] = useState(GUESSED);
	useEffect(() => {
		const element = body.current;
		if (!element) return;
		const observer = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false), {
			root: element.closest("main"),
			rootMargin: MARGIN,
		});
		observer.observe(element);
		return () => observer.disconnect();
	}, []);
	const drawn = near || kept;
	useLayoutEffect(() => {
		const height = body.current?.getBoundingClientRect().height ?? 0;
		if (drawn && height > 0 && rows > 0) setRowHeight(height / rows);
	}, [drawn, rows]);
	return (
		<tbody ref={body}>
			{drawn ? (
				children()
			) : (
				<tr style={{ height: rows * rowHeight }}>
					<td colSpan={100} />
				</tr>
			)}
		</tbody>
	);
}
