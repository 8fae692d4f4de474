import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { z } from "zod";
import type { storeViewSchema } from "../../../../contracts/media-orders.ts";
import { countsQuery, mediaQuery, mediaStoresQuery } from "../../api/custody.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useMay } from "../session/session-context.ts";
import { AddStoreDialog } from "./AddStoreDialog.tsx";
import { CountDialog, CountResult } from "./CountDialog.tsx";
import { MediaTable } from "./MediaTable.tsx";
import { Moment } from "./Moment.tsx";
import { useMediaWords } from "./words.ts";
import "./custody.css";

const route = getRouteApi("/media/stores");
type Store = z.infer<typeof storeViewSchema>;

/** The locked stores of media: what is in them, and whether it was there when it was counted. */
export function StoresPage() {
	const { t } = useTranslation();
	const { store: wanted } = route.useSearch();
	const [manages, handles] = [useMay("media.manage"), useMay("media.handle")];
	const [adding, setAdding] = useState(false);
	const [counting, setCounting] = useState<Store | null>(null);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("custody.stores")}</h1>
				{manages && (
					<Button size="xs" variant="default" onClick={() => setAdding(true)}>
						{t("custody.addStore")}
					</Button>
				)}
			</div>
			<Loaded query={useQuery(mediaStoresQuery)} rows={4}>
				{(stores) => {
					const chosen = stores.find(({ id }) => id === wanted);
					return (
						<>
							<section className="panel table-scroll" aria-label={t("custody.stores")}>
								{stores.length === 0 ? (
									<Empty title={t("custody.noStores")} hint={t("custody.noStoresHint")} />
								) : (
									<StoreTable stores={stores} chosen={wanted} onCount={handles ? setCounting : null} />
								)}
							</section>
							{chosen && <Contents store={chosen} />}
						</>
					);
				}}
			</Loaded>
			{adding && <AddStoreDialog onClose={() => setAdding(false)} />}
			{counting && <CountDialog store={counting} onClose={() => setCounting(null)} />}
		</div>
	);
}

function StoreTable({ stores, chosen, onCount }: { stores: readonly Store[]; chosen: string | undefined; onCount: ((store: Store) => void) | null }) {
	const { t } = useTranslation();
	const words = useMediaWords();
	return (
		<table className="plain-table">
			<caption className="visually-hidden">{t("custody.stores")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("custody.store")}</th>
					<th scope="col" className="number">
						{t("custody.inside")}
					</th>
					<th scope="col">{t("custody.lastCount")}</th>
					<th scope="col" className="only-wide-cell">
						{t("custody.room")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("custody.door")}
					</th>
					{onCount && <th scope="col">{t("people.action")}</th>}
				</tr>
			</thead>
			<tbody>
				{stores.map((store) => (
					<tr key={store.id} data-testid="store-row" data-store={store.id} aria-current={store.id === chosen ? "true" : undefined}>
						<th scope="row">
							<Link to="/media/stores" search={{ store: store.id }}>
								{store.name}
							</Link>{" "}
							<span className="dim">{store.id}</span>
						</th>
						<td className="number">{store.media}</td>
						<td className={store.counted === false ? "is-abnormal" : "dim"}>
							{store.counted === null ? (
								t("custody.neverCounted")
							) : (
								<>
									{store.counted ? t("custody.asExpected") : `▲ ${t("custody.differs")}`},{" "}
									{store.countedAt !== null && <Moment at={store.countedAt} />}
								</>
							)}
						</td>
						<td className="only-wide-cell">{words.room(store.room)}</td>
						<td className="only-wide-cell">{store.door === null ? <span className="dim">{t("custody.noDoor")}</span> : words.door(store.door)}</td>
						{onCount && (
							<td>
								<Button
									size="xs"
									variant="default"
									aria-label={t("custody.countOf", { store: store.name })}
									data-testid="count"
									onClick={() => onCount(store)}
								>
									{t("custody.count")}
								</Button>
							</td>
						)}
					</tr>
				))}
			</tbody>
		</table>
	);
}

/** What is in a store by the records, and what was found there so far. */
function Contents({ store }: { store: Store }) {
	const { t } = useTranslation();
	const [contents, counts] = [t("custody.contentsOf", { store: store.name }), t("custody.counts", { store: store.name })];
	return (
		<div className="media-halves">
			<section className="panel table-scroll" aria-labelledby="contents">
				<div className="panel-head">
					<h2 id="contents">{contents}</h2>
				</div>
				<Loaded query={useQuery(mediaQuery({ store: store.id }))} rows={4}>
					{(media) => (media.length === 0 ? <Empty title={t("custody.emptyStore")} /> : <MediaTable media={media} label={contents} />)}
				</Loaded>
			</section>
			<section className="panel" aria-labelledby="counts">
				<div className="panel-head">
					<h2 id="counts">{counts}</h2>
				</div>
				<Loaded query={useQuery(countsQuery(store.id))} rows={4}>
					{(list) =>
						list.length === 0 ? (
							<Empty title={t("custody.noCounts")} />
						) : (
							<ul className="media-incidents">
								{list.map((count) => (
									<li key={count.id} data-testid="store-count">
										<p className="dim">
											<Moment at={count.at} />, {count.by.name}
										</p>
										<CountResult count={count} />
									</li>
								))}
							</ul>
						)
					}
				</Loaded>
			</section>
		</div>
	);
}
