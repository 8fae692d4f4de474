import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { ControllerView } from "../../../../contracts/controllers.ts";
import { controllersQuery, removalsQuery, workAtController } from "../../api/access.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import "./access.css";

const WELL: ReadonlySet<string> = new Set(["confirmed", "pending", "unknown"]);

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
										<th scope="col">{t("register.confirmedAt")}</th>
										<th scope="col">{t("register.unconfirmed")}</th>
										{manages && <th scope="col">{t("people.action")}</th>}
									</tr>
								</thead>
								<tbody>
									{list.map((controller) => (
										<tr key={controller.id} data-testid="controller-row" data-controller={controller.id} data-state={controller.state}>
											<th scope="row">
												{controller.name} <div className="dim">{controller.doors.join(", ")}</div>
											</th>
											<td>
												<ListState controller={controller} />
											</td>
											<td className="dim">
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
			<Removals />
			{work.dialog}
		</div>
	);
}

function ListState({ controller: { state, entries, drift, failure, online } }: { controller: ControllerView }) {
	const { t } = useTranslation();
	return (
		<>
			<span className={WELL.has(state) ? "" : "is-abnormal"}>{t(`register.controllerStates.${state}`)}</span>{" "}
			<span className="dim">{t("register.entries", { count: entries })}</span>
			{!online && <div className="is-abnormal">{t("register.offline")}</div>}
			{drift && drift.repairedAt === null && (
				<div className="is-abnormal">{t("register.driftOf", { missing: drift.missing, extra: drift.extra, different: drift.different })}</div>
			)}
			{failure && <div className="dim">{failure.detail}</div>}
		</>
	);
}

/** What was taken away: from the decision to the controller's list without it. */
function Removals() {
	const { t } = useTranslation();
	return (
		<section className="panel table-scroll" aria-labelledby="removals">
			<div className="panel-head">
				<h2 id="removals">{t("register.removals")}</h2>
			</div>
			<Loaded query={useQuery(removalsQuery)} rows={4}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("register.noRemovals")} />
					) : (
						<table className="plain-table">
							<caption className="visually-hidden">{t("register.removals")}</caption>
							<thead>
								<tr>
									<th scope="col">{t("register.who")}</th>
									<th scope="col">{t("access.door")}</th>
									<th scope="col" className="only-wide-cell">
										{t("register.decided")}
									</th>
									<th scope="col">{t("register.confirmedAt")}</th>
								</tr>
							</thead>
							<tbody>
								{list.map((removal) => {
									const waits = removal.confirmedAt === null && removal.closed === null;
									return (
										<tr key={removal.id} data-testid="removal-row" data-confirmed={removal.confirmedAt !== null}>
											<th scope="row">{removal.holder?.name ?? "–"}</th>
											<td>{removal.door}</td>
											<td className="dim only-wide-cell">
												<When at={removal.decidedAt} />
											</td>
											<td className={waits ? "is-abnormal" : "dim"}>
												{removal.closed !== null && removal.confirmedAt === null
													? t(`register.closed.${removal.closed}`)
													: t(waits ? "register.waiting" : "register.took", { seconds: Math.round(removal.seconds) })}
											</td>
										</tr>
									);
								})}
							</tbody>
						</table>
					)
				}
			</Loaded>
		</section>
	);
}
