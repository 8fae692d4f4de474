import { useTranslation } from "react-i18next";
import type { DriftEntryView } from "../../../../contracts/controllers.ts";
import { useFormat } from "../../ui/site-context.ts";
import { DoorLink, HolderLink } from "./links.tsx";
import { hoursText } from "./list-hours.ts";

/** A controller's list against the one that it should hold, a row for each entry that isn't the same. */
export function DriftTable({ entries }: { entries: readonly DriftEntryView[] }) {
	const { t } = useTranslation();
	return (
		<table className="plain-table">
			<caption className="visually-hidden">{t("register.drift.title")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("register.drift.kind")}</th>
					<th scope="col">{t("register.credential")}</th>
					<th scope="col">{t("access.door")}</th>
					<th scope="col">{t("register.drift.wanted")}</th>
					<th scope="col">{t("register.drift.held")}</th>
				</tr>
			</thead>
			<tbody>
				{entries.map((entry, at) => (
					// Cards are hidden alike from who may not see them.
					// biome-ignore lint/suspicious/noArrayIndexKey: the list of one look never changes its order
					<tr key={at} data-testid="drift-row" data-kind={entry.kind}>
						<td>{t(`register.drift.kinds.${entry.kind}`)}</td>
						<th scope="row">
							<HolderLink holder={entry.holder} />
							<div className="dim">{[entry.card, entry.fingerprint].filter((one) => one !== null).join(" + ")}</div>
						</th>
						<td>
							<DoorLink door={entry.door} />
						</td>
						<td className={entry.wanted ? "" : "dim"}>
							<Times when={entry.wanted} />
						</td>
						<td className={entry.held ? "" : "dim"}>
							<Times when={entry.held} />
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

/** When an entry opens its door. */
function Times({ when }: { when: DriftEntryView["wanted"] }) {
	const { t, i18n } = useTranslation();
	const format = useFormat();
	if (when === null) return t("register.drift.none");
	const moment = (at: string) => format.dateTime(Date.parse(at));
	const said = [
		when.from !== null && t("register.drift.from", { at: moment(when.from) }),
		when.until !== null && t("register.drift.until", { at: moment(when.until) }),
		when.hours !== null && hoursText(when.hours, i18n.language),
	].filter((one) => one !== false);
	return said.length === 0 ? t("register.drift.always") : said.join("; ");
}
