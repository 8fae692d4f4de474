import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BatchView } from "../../../../contracts/media-orders.ts";
import { batchQuery, mediaIncidentsQuery, mediaQuery } from "../../api/custody.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useMay } from "../session/session-context.ts";
import { Bays } from "./Bays.tsx";
import { CertificateLinks } from "./CertificateLinks.tsx";
import { CloseOrderDialog } from "./CloseOrderDialog.tsx";
import { ImportMediaDialog } from "./ImportMediaDialog.tsx";
import { IncidentList } from "./IncidentList.tsx";
import { MediaTable } from "./MediaTable.tsx";
import { Moment } from "./Moment.tsx";
import { OrderProgress } from "./OrderProgress.tsx";
import { ReconciliationPanel } from "./ReconciliationPanel.tsx";
import { RegisterDialog } from "./RegisterDialog.tsx";
import { useMediaWords } from "./words.ts";
import "./custody.css";

const route = getRouteApi("/media/batches/$batch");

/** One work order: its media, the bays that are to be accounted for, and whether all of it comes to the same. */
export function BatchPage() {
	const { batch } = route.useParams();
	return <Loaded query={useQuery(batchQuery(batch))}>{(order) => <Order order={order} />}</Loaded>;
}

function Order({ order }: { order: BatchView }) {
	const { t } = useTranslation();
	const manages = useMay("media.manage") && order.state === "open";
	const [dialog, setDialog] = useState<"register" | "import" | "close" | null>(null);
	const media = useQuery(mediaQuery({ batch: order.id }));
	const incidents = useQuery(mediaIncidentsQuery({ open: "true", batch: order.id })).data ?? [];
	const close = () => setDialog(null);
	return (
		<div className="page" data-testid="order" data-state={order.state}>
			<div className="page-head">
				<h1>{order.title}</h1>
				<span className="dim">{t(`custody.orderStates.${order.state}`)}</span>
				<Link to="/media">{t("custody.allOrders")}</Link>
				<CertificateLinks of={{ batch: order.id }} order={order.id} certificate={order.certificate} />
			</div>
			{manages && (
				<div className="actions">
					{(["register", "importCsv", "close"] as const).map((act) => (
						<Button key={act} variant="default" onClick={() => setDialog(act === "importCsv" ? "import" : act)}>
							{t(`custody.${act}`)}
						</Button>
					))}
				</div>
			)}
			{incidents.length > 0 && (
				<section className="panel is-wrong" aria-labelledby="order-incidents">
					<div className="panel-head">
						<h2 id="order-incidents">
							{t("custody.openIncidents")} ({incidents.length})
						</h2>
						<Link to="/media/incidents">{t("custody.incidents")}</Link>
					</div>
					<IncidentList incidents={incidents} />
				</section>
			)}
			<Facts order={order} />
			<section className="panel table-scroll" aria-labelledby="order-media">
				<div className="panel-head">
					<h2 id="order-media">{t("custody.media")}</h2>
				</div>
				<Loaded query={media} rows={6}>
					{(list) => (list.length === 0 ? <Empty title={t("custody.noMedia")} /> : <MediaTable media={list} label={t("custody.media")} />)}
				</Loaded>
			</section>
			<div className="media-halves">
				<Bays order={order} />
				<ReconciliationPanel order={order} />
			</div>
			{dialog === "register" && <RegisterDialog order={order} onClose={close} />}
			{dialog === "import" && <ImportMediaDialog batch={order.id} onClose={close} />}
			{dialog === "close" && <CloseOrderDialog order={order} onClose={close} />}
		</div>
	);
}

function Facts({ order }: { order: BatchView }) {
	const { t } = useTranslation();
	const words = useMediaWords();
	const { destination } = order;
	return (
		<section className="panel panel-body" aria-label={t("custody.order")}>
			<dl className="facts">
				<div>
					<dt>{t("custody.progressTitle")}</dt>
					<dd>
						<OrderProgress order={order} />
					</dd>
				</div>
				<div>
					<dt>{t("custody.place")}</dt>
					<dd>
						{words.room(order.place)}, {order.plannedFor}
					</dd>
				</div>
				<div>
					<dt>{t("custody.people")}</dt>
					<dd>{order.people.map(({ name }) => name).join(t("people.comma"))}</dd>
				</div>
				<div>
					<dt>{t("custody.destination")}</dt>
					<dd>{t("custody.destinationOf", { kind: t(`custody.destinations.${destination.kind}`), organisation: destination.organisation })}</dd>
				</div>
				<div>
					<dt>{t("custody.policy")}</dt>
					<dd>
						<Link to="/media/policy" search={{ version: String(order.policy) }}>
							{t("custody.policyOf", { version: order.policy })}
						</Link>
					</dd>
				</div>
				{order.deviations > 0 && (
					<div data-testid="order-deviations" data-count={order.deviations}>
						<dt>{t("custody.deviationsTitle")}</dt>
						<dd>▲ {t("custody.deviations", { count: order.deviations })}</dd>
					</div>
				)}
				<div>
					<dt>{t("custody.openedBy")}</dt>
					<dd>
						{order.openedBy.name}, <Moment at={order.openedAt} />
					</dd>
				</div>
				{order.closedBy && (
					<div>
						<dt>{t("custody.closedBy")}</dt>
						<dd>
							{order.closedBy.name}, {order.closedAt !== null && <Moment at={order.closedAt} />}
						</dd>
					</div>
				)}
			</dl>
		</section>
	);
}
