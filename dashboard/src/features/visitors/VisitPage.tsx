import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { visitHistoryQuery, visitQuery } from "../../api/visitors.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { useVisitActs } from "./use-visit-acts.tsx";
import { Visit } from "./Visit.tsx";
import "./visitors.css";

const route = getRouteApi("/visitors/$visit");

/** One visit: what it is, what may be done next, and who did what so far. */
export function VisitPage() {
	const { t } = useTranslation();
	const { visit: id } = route.useParams();
	const textOf = useProblemText();
	const visit = useQuery(visitQuery(id));
	const history = useQuery({ ...visitHistoryQuery(id, visit.data?.version ?? 0), enabled: visit.data !== undefined });
	const { perform, pending, error, dialogs } = useVisitActs();
	return (
		<div className="page">
			<Loaded query={visit} rows={4}>
				{(one) => (
					<>
						<div className="page-head">
							<h1>{one.visitor}</h1>
							<Link to="/visitors">{t("visits.backToAll")}</Link>
						</div>
						<FormError text={textOf(error)} />
						<ul className="visits">
							<Visit visit={one} pending={pending} onAct={(act) => perform(one, act)} />
						</ul>
						<section className="panel" aria-labelledby="visit-history">
							<div className="panel-head">
								<h2 id="visit-history">{t("visits.history")}</h2>
							</div>
							<Loaded query={history} rows={3}>
								{(acts) =>
									acts.length === 0 ? (
										<Empty title={t("visits.noHistory")} />
									) : (
										<ol className="visit-history">
											{acts.map((act) => (
												<li key={act.id} data-testid="visit-act" data-act={act.act}>
													<span className="dim">
														<When at={act.at} />
													</span>{" "}
													<strong>{t(`visits.done.${act.act}`)}</strong> {act.by ?? t("visits.notRecorded")}
													{act.reason !== null && `: “${act.reason}”`}
												</li>
											))}
										</ol>
									)
								}
							</Loaded>
						</section>
					</>
				)}
			</Loaded>
			{dialogs}
		</div>
	);
}
