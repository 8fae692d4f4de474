import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { doorEventsQuery, permittedQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { PointValue } from "../../ui/PointValue.tsx";
import { useSite } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { isRefused, ResultMark } from "./AccessFeed.tsx";
import { AccessNav } from "./AccessNav.tsx";
import { useReasonText } from "./use-reason-text.ts";
import "./access.css";

const route = getRouteApi("/access/doors/$door");
/** People that are drawn. */
const MOST = 200;

/** One door: how it stands, who may pass, who has. */
export function DoorPage() {
	const { t } = useTranslation();
	const id = route.useParams().door;
	const site = useSite();
	const reason = useReasonText();
	const permitted = useQuery(permittedQuery("doors", id));
	const events = useQuery(doorEventsQuery(id));
	const door = site.doors.find((one) => one.id === id);
	if (!door) return <Empty title={t("error.notFound")} />;
	return (
		<div className="page">
			<div className="page-head">
				<h1>{door.name}</h1>
				<PointValue point={{ id: door.point, unit: null }} age />
				<Link to="/points/$point" params={{ point: door.point }}>
					{t("register.doorStates")}
				</Link>
			</div>
			<AccessNav />
			<section className="panel table-scroll" aria-labelledby="who-may">
				<div className="panel-head">
					<h2 id="who-may">{t("register.mayPass")}</h2>
				</div>
				<Loaded query={permitted} rows={6}>
					{(list) =>
						list.length === 0 ? (
							<Empty title={t("register.nobody")} />
						) : (
							<>
								<table className="plain-table">
									<caption className="visually-hidden">{t("register.mayPass")}</caption>
									<tbody>
										{list.slice(0, MOST).map((one, at) => (
											// Ids of people are hidden alike from who may not see them.
											// biome-ignore lint/suspicious/noArrayIndexKey: the place tells hidden rows apart
											<tr key={`${one.id} ${at}`} data-testid="permitted-row">
												<th scope="row">
													<Link to="/access/holders/$holder" params={{ holder: one.holder.id }} preload={false}>
														{one.holder.name}
													</Link>
												</th>
												<td className="dim">{one.post === null ? one.reason : t("register.postOf", { post: one.post })}</td>
												<td className={one.able ? "dim" : "is-abnormal"}>{one.able ? <When at={one.lapsesAt} /> : t("register.notAble")}</td>
											</tr>
										))}
									</tbody>
								</table>
								{list.length > MOST && <p className="note">{t("register.more", { count: list.length - MOST })}</p>}
							</>
						)
					}
				</Loaded>
			</section>
			<section className="panel table-scroll" aria-labelledby="who-has">
				<div className="panel-head">
					<h2 id="who-has">{t("access.events")}</h2>
				</div>
				<Loaded query={events} rows={6}>
					{(list) =>
						list.length === 0 ? (
							<Empty title={t("access.none")} />
						) : (
							<table className="plain-table access-table">
								<caption className="visually-hidden">{t("access.events")}</caption>
								<tbody>
									{list.map((event) => (
										<tr key={event.id}>
											<td>
												<When at={event.ts} />
											</td>
											<td className={isRefused(event) ? "result-denied" : "dim"}>
												<ResultMark event={event} /> {isRefused(event) && reason(event.reason)}
											</td>
											<td>
												{event.holder?.name ?? <span className="dim">{t("access.unknownHolder")}</span>}{" "}
												<span className="dim">{t(`access.${event.direction}`)}</span>
											</td>
										</tr>
									))}
								</tbody>
							</table>
						)
					}
				</Loaded>
			</section>
		</div>
	);
}
