import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { DeviantStep } from "../../../../contracts/media-orders.ts";
import { Moment } from "./Moment.tsx";
import { useStepWords } from "./step-words.ts";

/** Steps that were not as their order plans, with what who made them said of it; nothing where all were. */
export function Deviations({ steps, because }: { steps: readonly DeviantStep[]; because?: string | null }) {
	const { t } = useTranslation();
	const title = useId();
	const words = useStepWords((id) => id);
	if (steps.length === 0) return null;
	return (
		<section aria-labelledby={title} data-testid="deviations" data-count={steps.length}>
			<h3 id={title}>{t("custody.deviations", { count: steps.length })}</h3>
			{because && <p className="wrap">“{because}”</p>}
			<ul className="stack">
				{steps.map(({ medium, serial, step, act, at, place, by, kinds, note }) => (
					<li key={`${medium} ${step}`} className="wrap">
						<Link to="/media/$medium" params={{ medium }}>
							{serial}
						</Link>
						, {words.act(act)}, {by.name}, <Moment at={at} />, {words.room(place)}: {words.deviations(kinds)}
						{note !== null && ` “${note}”`}
					</li>
				))}
			</ul>
		</section>
	);
}
