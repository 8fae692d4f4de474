import { useFormat } from "./site-context.ts";

/** A moment in the site's time; a dash for none. `minutes`: with its year and without seconds, as plans are made. */
export function When({ at, minutes = false }: { at: string | null; minutes?: boolean }) {
	const format = useFormat();
	if (at === null) return <span className="dim">–</span>;
	const instant = Date.parse(at);
	return <time dateTime={at}>{minutes ? format.moment(instant) : format.dateTime(instant)}</time>;
}
