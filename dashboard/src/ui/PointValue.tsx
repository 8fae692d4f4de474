import { useTranslation } from "react-i18next";
import type { Point } from "../../../contracts/api.ts";
import type { Value } from "../../../contracts/kinds.ts";
import { orderTime } from "../../../contracts/reading.ts";
import { isUnacknowledged } from "../live/alarm-book.ts";
import { useLiveState, useReading } from "../live/live-context.ts";
import { AgeText } from "./AgeText.tsx";
import { PriorityMark } from "./PriorityMark.tsx";
import { useFormat } from "./site-context.ts";

/** Writes any value of a point: numbers in the site's style, states in the user's language. */
export function useValueText(): (value: Value | null, unit: string | null) => string {
	const { t, i18n } = useTranslation();
	const format = useFormat();
	return (value, unit) => {
		if (value === null) return "–";
		if (typeof value === "number") return format.number(value, unit);
		const key = `state.${String(value)}`;
		return i18n.exists(key) ? t(key as "state.true") : String(value);
	};
}

/** Unit as people write it; a plain count has none. */
export function unitText(unit: string | null): string {
	return unit === null || unit === "1" ? "" : unit;
}

/** A point's value now, with unit, quality when it isn't good, the worst open alarm on it, and its age. */
export function PointValue({ point, age = true, large = false }: { point: Pick<Point, "id" | "unit">; age?: boolean; large?: boolean }) {
	const { t } = useTranslation();
	const live = useReading(point.id);
	const alarm = useLiveState((state) => state.alarms.byPoint.get(point.id)?.[0]);
	const write = useValueText();
	const quality = live.ts === null ? "none" : live.quality;
	return (
		<span className={`value value-${quality} ${large ? "value-large" : ""} ${alarm?.active ? `priority-${alarm.priority}` : ""}`}>
			{alarm && <PriorityMark priority={alarm.priority} unacknowledged={isUnacknowledged(alarm)} word={false} />}
			<span className="value-number" data-testid="point-value" data-point={point.id} data-quality={quality}>
				{write(live.value, point.unit)}
				{point.unit !== null && live.value !== null && (
					<span className="value-unit">
						{"\u00a0"}
						{unitText(point.unit)}
					</span>
				)}
			</span>
			{quality !== "good" && quality !== "none" && <span className="value-quality">{t(`quality.${quality}`)}</span>}
			{age &&
				(live.ts === null ? (
					<span className="age">{t("age.noValue")}</span>
				) : (
					<AgeText at={orderTime({ ts: live.ts, receivedAt: live.receivedAt ?? live.ts })} />
				))}
		</span>
	);
}
