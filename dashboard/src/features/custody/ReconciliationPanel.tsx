import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { BatchView, Reconciliation } from "../../../../contracts/media-orders.ts";
import { reconciliationQuery } from "../../api/custody.ts";
import { Loaded } from "../../ui/Loaded.tsx";
import { Deviations } from "./Deviations.tsx";

const SETS = ["planned", "removed", "destroyed", "certified", "released", "writtenOff"] as const;
const DIFFERENCES = ["notRemoved", "notDestroyed", "notCertified", "incidents"] as const;
/** Serial numbers that are named; the media table has them all. */
const MOST = 50;

/** Whether what was removed is destroyed and certified, and what is missing by its serial numbers (MED-6). */
export function ReconciliationPanel({ order: { id: batch, state, deviationsBecause } }: { order: BatchView }) {
	const { t } = useTranslation();
	const balanced = state === "closed" ? ("custody.balancedClosed" as const) : ("custody.balanced" as const);
	return (
		<section className="panel" aria-labelledby="reconciliation">
			<div className="panel-head">
				<h2 id="reconciliation">{t("custody.reconciliation")}</h2>
			</div>
			<Loaded query={useQuery(reconciliationQuery(batch))} rows={6}>
				{(sets) => (
					<div className="panel-body stack" data-testid="reconciliation" data-balanced={sets.balanced}>
						<p>
							<strong>{t(sets.balanced ? balanced : "custody.unbalanced")}</strong>
						</p>
						<dl className="facts">
							{SETS.map((set) => (
								<div key={set}>
									<dt>{t(`custody.sets.${set}`)}</dt>
									<dd>{sets[set].length}</dd>
								</div>
							))}
						</dl>
						<Differences sets={sets} />
						<Deviations steps={sets.deviations} because={deviationsBecause} />
					</div>
				)}
			</Loaded>
		</section>
	);
}

/** Where the sets differ; only an open incident is abnormal while the work goes on. */
export function Differences({ sets }: { sets: Reconciliation }) {
	const { t } = useTranslation();
	const bays = sets.unaccountedBays.map(({ asset, bay }) => `${asset} ${bay}`);
	const rows = [...DIFFERENCES.map((name) => [name, sets[name]] as const), ["unaccountedBays", bays] as const].filter(([, list]) => list.length > 0);
	if (rows.length === 0) return null;
	return (
		<dl className="stack">
			{rows.map(([name, list]) => (
				<div key={name} className="difference" data-testid={`difference-${name}`}>
					<dt className={name === "incidents" ? "is-abnormal" : "dim"}>
						{name === "incidents" && "▲ "}
						{t(`custody.sets.${name}`)} ({list.length})
					</dt>
					<dd className="wrap">
						{list.slice(0, MOST).join(t("people.comma"))} {list.length > MOST && t("custody.more", { count: list.length - MOST })}
					</dd>
				</div>
			))}
		</dl>
	);
}
