import { useFormat } from "./site-context.ts";

/** A moment in the site's time; a dash for none. */
export function When({ at }: { at: string | null }) {
	const format = useFormat();
	return at === null ? <span className="dim">–</span> : <time dateTime={at}>{format.dateTime(Date.parse(at))}</time>;
}
