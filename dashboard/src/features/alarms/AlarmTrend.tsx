import { useMemo, useState } from "react";
import type { Alarm, Point } from "../../../../contracts/api.ts";
import { Trend } from "../points/Trend.tsx";
import { parseRange, type TrendRange } from "../points/trend-range.ts";
import "../points/points.css";

const HOUR = 3_600_000;
/** What came before an alarm says why, and is shown with it. */
const BEFORE = HOUR / 2;

/** The point's trend around the alarm: up to now while it is fresh, around its beginning where that is long ago. */
export function AlarmTrend({ point, alarm }: { point: Point; alarm: Alarm }) {
	const points = useMemo(() => [point], [point]);
	const [range, setRange] = useState<TrendRange>(() => {
		const raised = Date.parse(alarm.raisedAt);
		const age = Date.now() - raised;
		return age < BEFORE ? parseRange("h1") : { name: "custom", from: raised - BEFORE, to: Math.min(Date.now(), raised + HOUR) };
	});
	return (
		<div className="alarm-trend" data-testid="alarm-trend">
			<Trend points={points} range={range} onRange={setRange} />
		</div>
	);
}
