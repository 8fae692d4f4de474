import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "../../../../contracts/api.ts";
import { useWorld } from "../../api/world-index.ts";
import { PointValue } from "../../ui/PointValue.tsx";
import { filterPoints } from "./filter-points.ts";
import { MOST_LINES } from "./TrendChart.tsx";

const SUGGESTIONS = 50;

/** Chooses further points for the same picture. The first of `points` is the page's own. */
export function ComparePicker({ points, onChange }: { points: readonly Point[]; onChange: (others: readonly Point[]) => void }) {
	const { t } = useTranslation();
	const world = useWorld();
	const [text, setText] = useState("");
	const listId = useId();
	const others = points.slice(1);
	const suggestions = useMemo(
		() =>
			filterPoints(world.points, { text }, () => "")
				.filter((point) => !points.includes(point))
				.slice(0, SUGGESTIONS),
		[world.points, text, points],
	);
	const full = points.length >= MOST_LINES;
	const add = (event: FormEvent) => {
		event.preventDefault();
		const chosen = world.byId.get(text) ?? suggestions[0];
		if (!chosen || full) return;
		onChange([...others, chosen]);
		setText("");
	};
	return (
		<section className="panel compare" aria-label={t("trend.compare")}>
			<form className="filters" onSubmit={add}>
				<TextInput
					label={t("trend.compare")}
					list={listId}
					value={text}
					disabled={full}
					description={full ? t("trend.tooMany", { count: MOST_LINES }) : undefined}
					onChange={(event) => setText(event.currentTarget.value)}
				/>
				<datalist id={listId}>
					{suggestions.map((point) => (
						<option key={point.id} value={point.id}>
							{point.device} {point.name}
						</option>
					))}
				</datalist>
				<Button type="submit" variant="default" disabled={full || text === ""}>
					{t("trend.add")}
				</Button>
			</form>
			<ul>
				{others.map((point) => (
					<li key={point.id}>
						<span>
							{point.device} {point.name}
						</span>
						<PointValue point={point} />
						<button
							type="button"
							className="icon-button"
							aria-label={t("trend.remove", { name: `${point.device} ${point.name}` })}
							onClick={() => onChange(others.filter((other) => other !== point))}
						>
							×
						</button>
					</li>
				))}
			</ul>
		</section>
	);
}
