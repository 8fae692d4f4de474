import { useTranslation } from "react-i18next";
import { useWorld } from "../../api/world-index.ts";
import { PointValue } from "../../ui/PointValue.tsx";
import { toldApart, usePlace } from "./use-place.ts";

const SHOWN = 5;

/** Details of what the pointer or the focus is on, in a place of their own so that they never cover the plan. */
export function PlanDetails({ at }: { at: string | null }) {
	const { t } = useTranslation();
	const place = usePlace(at);
	const { devices } = useWorld();
	const shown = place?.points.slice(0, SHOWN) ?? [];
	const apart = toldApart(shown, devices);
	const of = (told: (typeof apart)[number] | undefined) => (!told ? "" : ` ${"feed" in told ? t("plan.feed", { feed: told.feed }) : told.device}`);
	return (
		<div className="plan-details">
			{place ? (
				<>
					<strong>{place.name}</strong>
					<ul>
						{shown.map((point, index) => (
							<li key={point.id}>
								<span className="dim">
									{point.name}
									{of(apart[index])}
								</span>{" "}
								<PointValue point={point} age={place.points.length < 2} />
							</li>
						))}
					</ul>
				</>
			) : (
				<span className="dim">{t("plan.help")}</span>
			)}
		</div>
	);
}
