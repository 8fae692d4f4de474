/** Hours of the week as an access list has them: [days as a bit mask with Monday = 1, first minute, minute after the last]. */
export type ListHours = readonly (readonly number[])[];

/** As people write them: `Mon–Fri 07:00–19:00; Sat 08:00–12:00`. Days that follow each other stand as a span. */
export function hoursText(hours: ListHours, language: string): string {
	const names = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
	// 5 January 1970 was a Monday.
	const nameOf = (day: number) => names.format(Date.UTC(1970, 0, 5 + day));
	return hours
		.map(
			([days = 0, from = 0, to = 0]) =>
				`${spans(days)
					.map(([first, last]) => (first === last ? nameOf(first) : `${nameOf(first)}–${nameOf(last)}`))
					.join(", ")} ${clock(from)}–${clock(to)}`,
		)
		.join("; ");
}

function spans(days: number): [first: number, last: number][] {
	const found: [number, number][] = [];
	for (let day = 0; day < 7; day++) {
		if (((days >> day) & 1) === 0) continue;
		const span = found.at(-1);
		if (span && span[1] === day - 1) span[1] = day;
		else found.push([day, day]);
	}
	return found;
}

const two = (value: number) => String(value).padStart(2, "0");
const clock = (minute: number) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
