import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BatchView } from "../../../../contracts/media-orders.ts";
import { closedBatchesQuery, mediaIncidentsQuery, mediaQuery, openBatchesQuery } from "../../api/custody.ts";
import { useNow } from "../../live/live-context.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useSite } from "../../ui/site-context.ts";
import { endOfDay } from "../reviews/period.ts";
import { useMay } from "../session/session-context.ts";
import { IncidentList } from "./IncidentList.tsx";
import { MediaTable } from "./MediaTable.tsx";
import { OpenOrderDialog } from "./OpenOrderDialog.tsx";
import { OrderProgress } from "./OrderProgress.tsx";
import { byUrgency } from "./orders.ts";
import { useMediaWords } from "./words.ts";
import "./custody.css";

const route = getRouteApi("/media");

/** Work orders of media: what is wrong first, then what is open. */
export function MediaPage() {
	const { t } = useTranslation();
	const { serial } = route.useSearch();
	const [manages, handles] = [useMay("media.manage"), useMay("media.handle")];
	const [opening, setOpening] = useState(false);
	const closed = useQuery(closedBatchesQuery);
	const incidents = useQuery(mediaIncidentsQuery({ open: "true" })).data ?? [];
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("custody.orders")}</h1>
				{handles && <a href="/work.html">{t("custody.work")}</a>}
			</div>
			<div className="filters">
				<SerialSearch key={serial ?? ""} serial={serial ?? ""} />
				{manages && (
					<Button variant="default" onClick={() => setOpening(true)}>
						{t("custody.openOrder")}
					</Button>
				)}
			</div>
			{serial && <Found serial={serial} />}
			{incidents.length > 0 && (
				<section className="panel is-wrong" aria-labelledby="open-incidents">
					<div className="panel-head">
						<h2 id="open-incidents">
							{t("custody.openIncidents")} ({incidents.length})
						</h2>
					</div>
					<IncidentList incidents={incidents} />
				</section>
			)}
			<section className="panel table-scroll" aria-label={t("custody.orders")}>
				<Loaded query={useQuery(openBatchesQuery)} rows={6}>
					{(open) => {
						const orders = [...[...open].sort(byUrgency), ...(closed.data ?? [])];
						return orders.length === 0 ? <Empty title={t("custody.noOrders")} hint={t("custody.noOrdersHint")} /> : <OrderTable orders={orders} />;
					}}
				</Loaded>
				{(closed.data?.length ?? 0) >= 100 && <p className="note">{t("custody.moreOrders")}</p>}
			</section>
			{opening && <OpenOrderDialog onClose={() => setOpening(false)} />}
		</div>
	);
}

/** A scanner types into the field and ends with Enter. */
function SerialSearch({ serial }: { serial: string }) {
	const { t } = useTranslation();
	const navigate = route.useNavigate();
	const [wanted, setWanted] = useState(serial);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		void navigate({ search: { serial: wanted.trim() || undefined } });
	};
	return (
		<search>
			<form className="filters" onSubmit={submit} data-testid="find-serial">
				<TextInput
					label={t("custody.find")}
					placeholder={t("custody.findHint")}
					maxLength={80}
					value={wanted}
					onFocus={(event) => event.currentTarget.select()}
					onChange={(event) => setWanted(event.currentTarget.value)}
				/>
				<Button type="submit" variant="default">
					{t("custody.search")}
				</Button>
			</form>
		</search>
	);
}

function Found({ serial }: { serial: string }) {
	const { t } = useTranslation();
	return (
		<section className="panel table-scroll" aria-label={t("custody.found", { serial })} aria-live="polite">
			<Loaded query={useQuery(mediaQuery({ serial }))} rows={1}>
				{(media) =>
					media.length === 0 ? (
						<Empty title={t("custody.notFound", { serial })} />
					) : (
						<MediaTable media={media} label={t("custody.found", { serial })} />
					)
				}
			</Loaded>
		</section>
	);
}

function OrderTable({ orders }: { orders: readonly BatchView[] }) {
	const { t } = useTranslation();
	const words = useMediaWords();
	const site = useSite();
	const now = useNow();
	return (
		<table className="plain-table">
			<caption className="visually-hidden">{t("custody.orders")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("custody.title")}</th>
					<th scope="col">{t("custody.progressTitle")}</th>
					<th scope="col">{t("custody.state")}</th>
					<th scope="col" className="only-wide-cell">
						{t("custody.planned")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("custody.place")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("custody.people")}
					</th>
				</tr>
			</thead>
			<tbody>
				{orders.map((order) => {
					const late = order.state === "open" && now > (endOfDay(order.plannedFor, site.timeZone) ?? now);
					return (
						<tr key={order.id} data-testid="order-row" data-state={order.state} className={order.state === "closed" ? "dim" : ""}>
							<th scope="row" className="wrap">
								<Link to="/media/batches/$batch" params={{ batch: order.id }}>
									{order.title}
								</Link>
							</th>
							<td>
								<OrderProgress order={order} />
							</td>
							<td>
								{t(`custody.orderStates.${order.state}`)}
								{late && <div className="is-abnormal">▲ {t("custody.late")}</div>}
							</td>
							<td className="only-wide-cell">{order.plannedFor}</td>
							<td className="only-wide-cell">{words.room(order.place)}</td>
							<td className="only-wide-cell">{order.people.map(({ name }) => name).join(t("people.comma"))}</td>
						</tr>
					);
				})}
			</tbody>
		</table>
	);
}
