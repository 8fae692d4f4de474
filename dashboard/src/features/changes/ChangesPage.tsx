import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ChangeView } from "../../../../contracts/changes.ts";
import { changesQuery } from "../../api/people.ts";
import { changeTitle, useServerWords } from "../../i18n/server-words.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { usePreference } from "../../ui/preferences.ts";
import { When } from "../../ui/When.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import { ChangeDetails } from "./ChangeDetails.tsx";
import { Retention } from "./Retention.tsx";

const route = getRouteApi("/changes");
const TABS = ["waiting", "mine", "decided"] as const;
type Tab = (typeof TABS)[number];

/** The in-box of approvals: what waits, what one proposed oneself, what was decided. */
export function ChangesPage() {
	const { t } = useTranslation();
	const changes = useQuery(changesQuery);
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const { user } = useSession();
	const [proposesRetention, approvesRetention] = [useMay("retention.propose"), useMay("retention.approve")];
	const tab: Tab = search.tab ?? "waiting";
	const shows: Readonly<Record<Tab, (change: ChangeView) => boolean>> = {
		waiting: ({ state, proposedBy }) => state === "pending" && proposedBy.id !== user.id,
		mine: ({ proposedBy }) => proposedBy.id === user.id,
		decided: ({ state }) => state !== "pending",
	};
	const open = (id: string | undefined) => void navigate({ search: (before) => ({ ...before, change: id }) });
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("change.title")}</h1>
				<fieldset className="choice">
					<legend className="visually-hidden">{t("change.title")}</legend>
					{TABS.map((one) => (
						<label key={one}>
							<input
								type="radio"
								name="tab"
								checked={tab === one}
								onChange={() => void navigate({ search: { tab: one === "waiting" ? undefined : one } })}
							/>
							<span>{t(`change.tabs.${one}`)}</span>
						</label>
					))}
				</fieldset>
			</div>
			<Loaded query={changes} rows={6}>
				{(list) => {
					const shown = list.filter(shows[tab]);
					const selected = list.find(({ id }) => id === search.change);
					return (
						<div className={selected ? "list-and-detail" : ""}>
							<section className="panel table-scroll" aria-label={t(`change.tabs.${tab}`)}>
								{shown.length === 0 ? (
									<Empty title={t(`change.empty.${tab}`)} />
								) : (
									<ChangeTable changes={shown} selected={search.change} onOpen={open} />
								)}
							</section>
							{selected && <ChangeDetails key={selected.id} change={selected} onClose={() => open(undefined)} />}
						</div>
					);
				}}
			</Loaded>
			{(proposesRetention || approvesRetention) && <Retention onProposed={() => void navigate({ search: { tab: "mine" } })} />}
		</div>
	);
}

function ChangeTable(props: { changes: readonly ChangeView[]; selected: string | undefined; onOpen: (id: string) => void }) {
	const { t } = useTranslation();
	const words = useServerWords();
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	return (
		<table className="plain-table" onKeyDown={(event) => void moveBetweenRows(event, singleKeys)}>
			<caption className="visually-hidden">{t("change.title")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("change.what")}</th>
					<th scope="col">{t("change.state")}</th>
					<th scope="col" className="only-wide-cell">
						{t("change.by")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("change.at")}
					</th>
				</tr>
			</thead>
			<tbody>
				{props.changes.map((change) => (
					<tr key={change.id} data-testid="change-row" data-state={change.state} aria-current={props.selected === change.id ? "true" : undefined}>
						<td>
							<button type="button" className="text-button wrap" data-row onClick={() => props.onOpen(change.id)}>
								{changeTitle(words, change)}
							</button>
						</td>
						<td>{t(`change.states.${change.state}`)}</td>
						<td className="only-wide-cell">{change.proposedBy.name}</td>
						<td className="dim only-wide-cell">
							<When at={change.proposedAt} />
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
