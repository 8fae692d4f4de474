import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Value } from "../../../../contracts/kinds.ts";
import { usePreference } from "../../ui/preferences.ts";
import { type Mark, marksPlugin } from "./trend-marks.ts";
import type { TrendSeries } from "./trend-series.ts";

export interface ChartLine {
	id: string;
	label: string;
	unit: string;
	series: TrendSeries;
	/** Words of a state point's levels; `null` for numbers. */
	levels: readonly string[] | null;
}

export interface ChartProps {
	lines: readonly ChartLine[];
	from: number;
	to: number;
	marks: readonly Mark[];
	/** Lines of rule limits, on the first line's scale. */
	limits: readonly { value: number; label: string; colour: string }[];
	normal: { min: number; max: number } | null;
	/** The user has drawn a range; Unix ms. */
	onZoom: (from: number, to: number) => void;
	onReset: () => void;
	writeTime: (ms: number) => string;
	writeValue: (value: Value, unit: string) => string;
	timeZone: string;
	/** What the legend calls the time. */
	timeLabel: string;
	label: string;
}

/** Lines tell themselves apart by dash and brightness as well as by hue; red, orange and yellow stay with the alarms. */
const STROKES = {
	dark: ["#e6e9eb", "#6fb7ff", "#7fd6a8", "#c9b2ff"],
	light: ["#16191b", "#0b57c2", "#0c6b43", "#6526b3"],
} as const;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
/** Most lines in one picture. */
export const MOST_LINES = 4;

/** The trend itself. uPlot draws on a canvas; everything it says is said in words beside it too. */
export function TrendChart(props: ChartProps) {
	const theme = usePreference((preferences) => preferences.theme);
	const frame = useRef<HTMLDivElement>(null);
	const chart = useRef<uPlot | null>(null);
	const latest = useRef(props);
	latest.current = props;
	// The picture is built anew only when its make-up changes; new rows go into the one that stands.
	const makeUp = JSON.stringify([
		theme,
		props.lines.map(({ id, unit, label, levels, series }) => [id, unit, label, levels, series.band !== null]),
		props.timeZone,
		props.timeLabel,
	]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: makeUp stands for everything that is built in
	useEffect(() => {
		const element = frame.current;
		if (!element) return;
		const { lines } = latest.current;
		const built = new uPlot(
			optionsOf(lines, theme, element.clientWidth, () => latest.current),
			dataOf(lines),
			element,
		);
		chart.current = built;
		const observer = new ResizeObserver(() => built.setSize({ width: element.clientWidth, height: heightOf(element.clientWidth) }));
		observer.observe(element);
		return () => {
			observer.disconnect();
			built.destroy();
			chart.current = null;
		};
	}, [makeUp]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: marks, limits and the normal range are read while drawing
	useEffect(() => {
		const built = chart.current;
		if (!built) return;
		built.batch(() => {
			built.setData(dataOf(props.lines), false);
			built.setScale("x", { min: props.from / 1000, max: props.to / 1000 });
		});
		built.redraw(true, true);
	}, [makeUp, props.lines, props.from, props.to, props.marks, props.limits, props.normal]);

	return <div ref={frame} className="trend-frame" role="img" aria-label={props.label} data-testid="trend" onDoubleClick={props.onReset} />;
}

function heightOf(width: number): number {
	return width < 600 ? 260 : 380;
}

/** Every line has columns for its value, and for lowest and highest where it has a band. */
function dataOf(lines: readonly ChartLine[]): uPlot.AlignedData {
	const tables = lines.map(({ series }): uPlot.AlignedData => {
		const times = series.times.map((time) => time / 1000);
		return series.band ? [times, series.values, series.band.min, series.band.max] : [times, series.values];
	});
	if (tables.length === 0) return [[]];
	// Mode 2: a null that a series has of its own is a gap; one that comes from joining is none.
	return tables.length === 1 && tables[0]
		? tables[0]
		: uPlot.join(
				tables,
				tables.map((table) => table.map(() => 2 as const)),
			);
}

function optionsOf(lines: readonly ChartLine[], theme: "dark" | "light", width: number, now: () => ChartProps): uPlot.Options {
	const style = getComputedStyle(document.documentElement);
	// Read at each drawing: after a change of theme the picture is built before the page has taken the new colours.
	const dim = () => style.getPropertyValue("--dim");
	const grid = () => style.getPropertyValue("--line");
	const units = [...new Set(lines.map((line) => scaleOf(line)))];
	const series: uPlot.Series[] = [{ label: now().timeLabel, value: (_, seconds) => (seconds == null ? "" : now().writeTime(seconds * 1000)) }];
	const bands: uPlot.Band[] = [];
	for (const [index, line] of lines.entries()) {
		const stroke = STROKES[theme][index % MOST_LINES] ?? STROKES[theme][0];
		const stepped = line.levels !== null;
		series.push({
			label: line.label,
			scale: scaleOf(line),
			stroke,
			width: 1.6,
			dash: DASHES[index % MOST_LINES] ?? [],
			spanGaps: false,
			points: { show: false },
			...(stepped && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
			value: (_, value) => (value == null ? "–" : line.levels ? (line.levels[value] ?? "–") : `${now().writeValue(value, line.unit)} ${line.unit}`),
		});
		if (line.series.band) {
			const at = series.length;
			const edge: uPlot.Series = { scale: scaleOf(line), stroke: `${stroke}55`, width: 0.5, spanGaps: false, points: { show: false } };
			series.push({ ...edge, label: `${line.label} ↓`, value: (_, v) => (v == null ? "–" : now().writeValue(v, line.unit)) });
			series.push({ ...edge, label: `${line.label} ↑`, value: (_, v) => (v == null ? "–" : now().writeValue(v, line.unit)) });
			bands.push({ series: [at + 1, at], fill: `${stroke}2e` });
		}
	}
	const axis = { stroke: dim, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: "12px system-ui, sans-serif" };
	return {
		width,
		height: heightOf(width),
		tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), now().timeZone),
		cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
		select: { show: true, left: 0, top: 0, width: 0, height: 0 },
		legend: { live: true },
		scales: {
			x: { time: true },
			...Object.fromEntries(
				units.map((unit) => [unit, { range: (_: uPlot, low: number | null, high: number | null) => scaleRange(unit, low, high) }]),
			),
		},
		series,
		bands,
		axes: [
			{ ...axis, values: AXIS_TIMES },
			...units.map((unit, index): uPlot.Axis => {
				const line = lines.find((one) => scaleOf(one) === unit);
				const levels = line?.levels ?? null;
				return {
					...axis,
					scale: unit,
					side: index % 2 === 0 ? 3 : 1,
					size: levels ? 96 : 64,
					label: levels ? "" : (line?.unit ?? ""),
					labelSize: 18,
					labelFont: "12px system-ui, sans-serif",
					...(index > 0 ? { grid: { show: false } } : {}),
					...(levels ? { splits: () => levels.map((_, level) => level), values: (_, splits) => splits.map((split) => levels[split] ?? "") } : {}),
				};
			}),
		],
		hooks: {
			setSelect: [
				(plot) => {
					if (plot.select.width < 4) return;
					const from = plot.posToVal(plot.select.left, "x");
					const to = plot.posToVal(plot.select.left + plot.select.width, "x");
					plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
					now().onZoom(from * 1000, to * 1000);
				},
			],
		},
		plugins: [marksPlugin(() => ({ ...now(), scale: lines[0] ? scaleOf(lines[0]) : "y" }))],
	};
}

/** Clock and date patterns of the time axis, by the distance of its ticks in seconds; numbers only, so they fit every language. */
const AXIS_TIMES: uPlot.Axis.Values = [
	[86_400, "{MM}-{DD}", null, null, null, null, null, null, 1],
	[60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
	[1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
];

function scaleOf(line: ChartLine): string {
	return line.levels ? `state:${line.id}` : `unit:${line.unit}`;
}

/** Ends of a value scale: some room around the data, and never so narrow that noise looks like a mountain. */
function scaleRange(scale: string, low: number | null, high: number | null): uPlot.Range.MinMax {
	if (low === null || high === null) return [0, 1];
	const narrowest = scale.startsWith("state:") ? 1 : scale === "unit:°C" ? 4 : scale.includes("%") ? 10 : Math.max(1, Math.abs(high) * 0.05);
	const pad = Math.max((high - low) * 0.08, (narrowest - (high - low)) / 2);
	return [low - pad, high + pad];
}
