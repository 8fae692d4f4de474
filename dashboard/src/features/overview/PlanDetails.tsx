import { useTranslation } from "react-i18next";
import { PointValue } from "../../ui/PointValue.tsx";
import { usePlace } from "./use-place.ts";

const SHOWN = 5;

/** Details of what the pointer or the focus is on, in a place of their own so that they never cover the plan. */
export function PlanDetails({ at }: { at: string | null }) {
	const { t } = useTranslation();
	const place = usePlace(at);
	return (
		<div className="plan-details">
			{place ? (
				<>
					<strong>{place.name}</strong>
					<ul>
						{place.points.slice(0, SHOWN).map((point) => (
							<li key={point.id}>
								<span className="dim">{point.name}</span> <PointValue point={point} age={place.points.length < 2} />
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
