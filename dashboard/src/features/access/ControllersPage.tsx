import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { controllersQuery, removalsQuery, workAtController } from "../../api/access.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { ListState } from "./ListState.tsx";
import { Removals } from "./Removals.tsx";
import "./access.css";

/** What each door controller holds beside what it should, and how long a revocation took to reach it. */
export function ControllersPage() {
	const { t } = useTranslation();
	const manages = useMay("controllers.manage");
	const textOf = useProblemText();
	const work = useAct(workAtController, ["controllers", "removals"]);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("register.pages.controllers")}</h1>
			</div>
			<FormError text={textOf(work.error)} />
			<section className="panel table-scroll" aria-label={t("register.pages.controllers")}>
				<Loaded query={useQuery(controllersQuery)} rows={5}>
					{(list) =>
						list.length === 0 ? (
							<Empty title={t("register.noControllers")} />
						) : (
							<table className="plain-table">
								<caption className="visually-hidden">{t("register.pages.controllers")}</caption>
								<thead>
									<tr>
										<th scope="col">{t("register.controller")}</th>
										<th scope="col">{t("register.list")}</th>
										<th scope="col" className="only-wide-cell">
											{t("register.confirmedAt")}
										</th>
										<th scope="col">{t("register.unconfirmed")}</th>
										{manages && <th scope="col">{t("people.action")}</th>}
									</tr>
								</thead>
								<tbody>
									{list.map((controller) => (
										<tr key={controller.id} data-testid="controller-row" data-controller={controller.id} data-state={controller.state}>
											<th scope="row">
												<Link to="/access/controllers/$controller" params={{ controller: controller.id }}>
													{controller.name}
												</Link>{" "}
												<div className="dim">{controller.doors.join(", ")}</div>
											</th>
											<td>
												<ListState controller={controller} />
											</td>
											<td className="dim only-wide-cell">
												<When at={controller.confirmedAt} />
											</td>
											<td className={controller.unconfirmedRemovals > 0 ? "is-abnormal" : "dim"}>
												{controller.unconfirmedRemovals} {controller.oldestUnconfirmedAt && <When at={controller.oldestUnconfirmedAt} />}
											</td>
											{manages && (
												<td>
													<div className="actions">
														{(["check", "repair"] as const).map((act) => (
															<Button
																key={act}
																size="xs"
																variant="default"
																loading={work.pending}
																onClick={() => work.run({ id: controller.id, act })}
															>
																{t(`register.${act}`)}
															</Button>
														))}
													</div>
												</td>
											)}
										</tr>
									))}
								</tbody>
							</table>
						)
					}
				</Loaded>
			</section>
			<Removals title={t("register.removals")} query={useQuery(removalsQuery())} />
			{work.dialog}
		</div>
	);
}
