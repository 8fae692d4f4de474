import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { doorEventsQuery, permittedQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { PointValue } from "../../ui/PointValue.tsx";
import { useSite } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { FindingsOfDoor } from "./Findings.tsx";
import { Passages } from "./Passages.tsx";
import "./access.css";

const route = getRouteApi("/access/doors/$door");
/** People that are drawn. */
const MOST = 200;

/** One door: how it stands, who may pass, who has. */
export function DoorPage() {
	const { t } = useTranslation();
	const id = route.useParams().door;
	const site = useSite();
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
									<thead>
										<tr>
											<th scope="col">{t("register.who")}</th>
											<th scope="col">{t("register.reason")}</th>
											<th scope="col">{t("register.lapses")}</th>
										</tr>
									</thead>
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
			<FindingsOfDoor door={id} />
			<Passages
				title={t("access.events")}
				query={events}
				subject={{ name: t("access.holder"), of: ({ holder }) => holder?.name ?? <span className="dim">{t("access.unknownHolder")}</span> }}
			/>
		</div>
	);
}
