import { type RefObject, useEffect, useMemo, useState } from "react";

/** Rows drawn above and below what is seen, so that a quick scroll shows no gap. */
const MARGIN_PX = 400;

export interface ListWindow {
	/** Top of each row, px; one more for the end. */
	tops: readonly number[];
	/** First row to be drawn, and the one after the last. */
	from: number;
	to: number;
}

/** Which rows of a long list are worth drawing. `heights`: px of each row; `head`: px above the first that stay in sight. */
export function useWindow(scroller: RefObject<HTMLElement | null>, heights: readonly number[], head: number): ListWindow {
	const [seen, setSeen] = useState({ top: 0, height: 800 });
	useEffect(() => {
		const element = scroller.current;
		if (!element) return;
		const look = () =>
			setSeen((before) =>
				before.top === element.scrollTop && before.height === element.clientHeight
					? before
					: { top: element.scrollTop, height: element.clientHeight },
			);
		look();
		element.addEventListener("scroll", look, { passive: true });
		const observer = new ResizeObserver(look);
		observer.observe(element);
		return () => {
			element.removeEventListener("scroll", look);
			observer.disconnect();
		};
	}, [scroller]);
	const tops = useMemo(() => topsOf(heights), [heights]);
	return { tops, ...rangeOf(tops, seen.top - head - MARGIN_PX, seen.top - head + seen.height + MARGIN_PX) };
}

/** Top of each row, and of the end. */
export function topsOf(heights: readonly number[]): number[] {
	const tops = [0];
	let top = 0;
	for (const height of heights) {
		top += height;
		tops.push(top);
	}
	return tops;
}

/** The rows that reach into what lies between two heights. */
export function rangeOf(tops: readonly number[], from: number, to: number): { from: number; to: number } {
	const first = Math.max(0, firstAbove(tops, from) - 1);
	return { from: first, to: Math.max(first, Math.min(tops.length - 1, firstAbove(tops, to))) };
}

function firstAbove(tops: readonly number[], height: number): number {
	let [low, high] = [0, tops.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((tops[middle] ?? 0) > height) high = middle;
		else low = middle + 1;
	}
	return low;
}
