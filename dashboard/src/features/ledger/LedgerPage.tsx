import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ledgerEntriesQuery, ledgerQuery } from "../../api/evidence.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { usePreference } from "../../ui/preferences.ts";
import { When } from "../../ui/When.tsx";
import "./ledger.css";

/** The ledger: its size and signed head, who witnessed it, its entries. */
export function LedgerPage() {
	const { t } = useTranslation();
	const ledger = useQuery(ledgerQuery);
	return (
		<div className="page">
			<h1>{t("ledger.title")}</h1>
			<Loaded query={ledger}>
				{(state) => (
					<div className="two-columns">
						<section className="panel panel-body stack" aria-label={t("ledger.head")}>
							<dl className="stack">
								<div>
									<dt className="dim">{t("ledger.size")}</dt>
									<dd data-testid="ledger-size">{state.size}</dd>
								</div>
								<div>
									<dt className="dim">{t("ledger.root")}</dt>
									<dd className="secret">{state.root}</dd>
								</div>
								<div>
									<dt className="dim">{t("ledger.key")}</dt>
									<dd className="secret">{state.key}</dd>
								</div>
								<div>
									<dt className="dim">
										{t("ledger.checkpoint")} <When at={state.checkpointAt} />
									</dt>
									<dd>
										<pre className="pre">{state.checkpoint}</pre>
									</dd>
								</div>
							</dl>
						</section>
						<section className="panel" aria-label={t("ledger.witnesses")}>
							<div className="panel-head">
								<h2>{t("ledger.witnesses")}</h2>
							</div>
							{state.witnesses.length === 0 ? (
								<Empty title={t("ledger.noWitness")} hint={t("ledger.noWitnessHint")} />
							) : (
								<table className="plain-table">
									<thead>
										<tr>
											<th scope="col">{t("ledger.witness")}</th>
											<th scope="col">{t("audit.state")}</th>
											<th scope="col" className="number">
												{t("ledger.size")}
											</th>
											<th scope="col">{t("ledger.signedAt")}</th>
										</tr>
									</thead>
									<tbody>
										{state.witnesses.map((witness) => (
											<tr key={witness.agent}>
												<th scope="row">{witness.agent}</th>
												<td className={witness.state === "current" ? "dim" : "is-abnormal"} title={witness.detail}>
													{t(`ledger.states.${witness.state}`)}
												</td>
												<td className="number">{witness.size ?? "–"}</td>
												<td>
													<When at={witness.signedAt} />
												</td>
											</tr>
										))}
									</tbody>
								</table>
							)}
						</section>
					</div>
				)}
			</Loaded>
			<Entries />
		</div>
	);
}

function Entries() {
	const { t } = useTranslation();
	const entries = useInfiniteQuery(ledgerEntriesQuery);
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	return (
		<section className="panel table-scroll" aria-label={t("ledger.entries")}>
			<Loaded query={entries}>
				{({ pages }) => {
					const items = pages.flatMap((page) => page.items);
					return items.length === 0 ? (
						<Empty title={t("ledger.none")} />
					) : (
						<table className="plain-table" onKeyDown={(event) => void moveBetweenRows(event, singleKeys)}>
							<caption className="visually-hidden">{t("ledger.entries")}</caption>
							<thead>
								<tr>
									<th scope="col">{t("ledger.index")}</th>
									<th scope="col">{t("ledger.type")}</th>
									<th scope="col">{t("audit.at")}</th>
									<th scope="col" className="only-wide-cell">
										{t("ledger.content")}
									</th>
								</tr>
							</thead>
							<tbody>
								{items.map((entry) => (
									<tr key={entry.index} data-testid="ledger-row">
										<th scope="row">
											<Link to="/ledger/$index" params={{ index: String(entry.index) }} data-row preload={false}>
												{entry.index}
											</Link>
										</th>
										<td className="one-line">{entry.type}</td>
										<td className="one-line">
											<When at={entry.at} />
										</td>
										<td className="dim one-line ledger-content only-wide-cell">{JSON.stringify(entry.data)}</td>
									</tr>
								))}
							</tbody>
						</table>
					);
				}}
			</Loaded>
			{entries.hasNextPage && (
				<p className="panel-more">
					<Button size="xs" variant="default" loading={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
						{t("alarm.loadMore")}
					</Button>
				</p>
			)}
		</section>
	);
}
