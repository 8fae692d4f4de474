import { useFormat, useSite } from "../../ui/site-context.ts";
import { dayOf } from "../../ui/site-time.ts";

/** A day in the site's time, with its year: what is proved and in date is read years later. */
export function Day({ at }: { at: string }) {
	const { timeZone } = useSite();
	return <time dateTime={at}>{dayOf(Date.parse(at), timeZone)}</time>;
}

/** A day with its year, and the time, in the site's time. */
export function Moment({ at }: { at: string }) {
	const { timeZone } = useSite();
	const format = useFormat();
	const instant = Date.parse(at);
	return (
		<time dateTime={at}>
			{dayOf(instant, timeZone)} {format.time(instant)}
		</time>
	);
}
