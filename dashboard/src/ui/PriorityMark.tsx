import { useTranslation } from "react-i18next";
import type { Priority } from "../../../contracts/kinds.ts";

/** One shape for each priority, drawn in a box from -1 to 1, so that colour is never the only difference. */
const SHAPES: Readonly<Record<Priority, string>> = {
	critical: "M-.82-.82H.82V.82H-.82Z",
	high: "M0-.95L.98.8H-.98Z",
	medium: "M0 .95L-.98-.8H.98Z",
	low: "M0-.8A.8.8 0 1 1 0 .8A.8.8 0 1 1 0-.8Z",
};

/** The priority's shape for use inside an SVG. `size`: half its width, in the SVG's units. */
export function PriorityGlyph(props: { priority: Priority; unacknowledged: boolean; x: number; y: number; size: number }) {
	return (
		<g transform={`translate(${props.x} ${props.y}) scale(${props.size})`} className={`priority-${props.priority}`}>
			<path d={SHAPES[props.priority]} className="mark-halo" />
			<path d={SHAPES[props.priority]} className={props.unacknowledged ? "mark-shape blink" : "mark-shape mark-hollow"} />
		</g>
	);
}

/** Shape and, unless told otherwise, word of a priority. Filled and blinking while unacknowledged, hollow afterwards. */
export function PriorityMark({ priority, unacknowledged, word = true }: { priority: Priority; unacknowledged: boolean; word?: boolean }) {
	const { t } = useTranslation();
	return (
		<span className={`mark priority-${priority}`}>
			<svg viewBox="-1.2 -1.2 2.4 2.4" width="14" height="14" aria-hidden="true">
				<path d={SHAPES[priority]} className={unacknowledged ? "mark-shape blink" : "mark-shape mark-hollow"} />
			</svg>
			<span className={word ? "mark-word" : "visually-hidden"}>{t(`priority.${priority}`)}</span>
		</span>
	);
}
