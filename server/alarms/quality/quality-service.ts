import type { AlarmQuality, QualityPeriod } from "../../../contracts/alarm-quality.ts";
import { zonedDayStart } from "../../platform/calendar.ts";
import type { Clock } from "../../platform/clock.ts";
import type { WorldSource } from "../../site/world-source.ts";
import { alarmQuality, type Figure, type Quality, type Window } from "./alarm-quality.ts";
import type { QualityStore } from "./quality-store.ts";

/** A stretch that is compared with others: a day, a month, a shift. */
export interface NamedWindow extends Window {
	label: string;
}
export type PeriodLength = "day" | "month" | "shift";

export interface QualityServiceOptions {
	store: QualityStore;
	world: WorldSource;
	/** The duty roster's shifts within a window. */
	shifts: (window: Window) => readonly NamedWindow[] | Promise<readonly NamedWindow[]>;
	clock: Clock;
}

/** How well the alarms serve whoever watches them, from what was recorded of them (ALM-11). */
export class QualityService {
	readonly #options: QualityServiceOptions;

	constructor(options: QualityServiceOptions) {
		this.#options = options;
	}

	/** The figures of a window, Unix ms; what is not yet over counts up to now. */
	async quality({ from, to }: Window, room: string | undefined): Promise<AlarmQuality> {
		const window = { from, to: Math.max(from, Math.min(to, this.#options.clock.now())) };
		return view(alarmQuality(await this.#options.store.occurrences(window, room), window), window);
	}

	/** The same for each shift, day or month of the site's time zone that begins in the window, oldest first; none of the future. */
	async periods(window: Window, by: PeriodLength, room: string | undefined): Promise<QualityPeriod[]> {
		const { store, world, shifts, clock } = this.#options;
		const now = clock.now();
		const { timeZone } = world.current().site;
		const found = by === "shift" ? await shifts(window) : calendarWindows(window, by, timeZone);
		const begun = found.filter(({ from }) => from < now).map((one) => ({ ...one, to: Math.min(one.to, now) }));
		const last = begun.reduce((latest, { to }) => Math.max(latest, to), window.from);
		const occurrences = await store.occurrences({ from: window.from, to: last }, room);
		return begun.map((one) => {
			const of = occurrences.filter(
				({ raisedAt, returnedAt }) => raisedAt < one.to && (raisedAt >= one.from || returnedAt === null || returnedAt >= one.from),
			);
			const { from, to, alarms, raised, figures, floods } = view(alarmQuality(of, one), one);
			return { label: one.label, from, to, alarms, raised, figures, floods: floods.length };
		});
	}
}

/** The days or months of a time zone that begin in the window; labelled as 2026-11-26 or 2026-11. */
export function calendarWindows({ from, to }: Window, by: "day" | "month", timeZone: string): NamedWindow[] {
	const [first = ""] = new Intl.DateTimeFormat("sv-SE", { timeZone }).format(from).split(" ");
	const [year = 1970, month = 1, day = 1] = first.split("-").map(Number);
	const start = (step: number) =>
		by === "day" ? zonedDayStart(year, month - 1, day + step, timeZone) : zonedDayStart(year, month - 1 + step, 1, timeZone);
	const windows: NamedWindow[] = [];
	for (let step = 0; start(step) < to; step++) {
		const label =
			by === "day"
				? new Date(Date.UTC(year, month - 1, day + step)).toISOString().slice(0, 10)
				: new Date(Date.UTC(year, month - 1 + step, 1)).toISOString().slice(0, 7);
		if (start(step) >= from) windows.push({ label, from: start(step), to: start(step + 1) });
	}
	return windows;
}

const iso = (time: number) => new Date(time).toISOString();

function view(
	{ alarms, raised, folded, aside, figures, priorities, floods, acknowledgement, offenders }: Quality,
	{ from, to }: Window,
): AlarmQuality {
	return {
		from: iso(from),
		to: iso(to),
		alarms,
		raised,
		folded,
		aside,
		figures: figures.map((figure: Figure) => ({ ...figure, value: figure.value === null ? null : rounded(figure.value) })),
		priorities,
		floods: floods.map((flood) => ({ ...flood, from: iso(flood.from), to: flood.to === null ? null : iso(flood.to) })),
		acknowledgement,
		offenders: offenders.map((offender) => ({ ...offender, share: rounded(offender.share) })),
	};
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
