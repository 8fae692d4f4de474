import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { GrantView } from "../../../../contracts/access.ts";
import { zonesQuery } from "../../api/access.ts";
import { HoursText } from "../../ui/HoursText.tsx";
import { useFormat } from "../../ui/site-context.ts";

/** Grants with what may be done to them. */
export function GrantTable({
	grants,
	onAct,
}: {
	grants: readonly GrantView[];
	onAct: ((act: { grant: GrantView; act: "revoke" | "renew" }) => void) | null;
}) {
	const { t } = useTranslation();
	const format = useFormat();
	const zones = new Map((useQuery(zonesQuery).data ?? []).map(({ id, name }) => [id, name]));
	const moment = (at: string) => format.moment(Date.parse(at));
	const period = ({ from, until, schedule }: GrantView) => (
		<>
			<div>
				{moment(from)} – {until === null ? t("register.noEnd") : moment(until)}
			</div>
			<div className="dim">
				<HoursText schedule={schedule} />
			</div>
		</>
	);
	const status = (grant: GrantView) => (
		<>
			{t(`register.grantStatuses.${grant.status}`)} {grant.endReason && <span className="dim">{t(`register.ends.${grant.endReason}`)}</span>}
		</>
	);
	return (
		<table className="plain-table">
			<caption className="visually-hidden">{t("register.pages.grants")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("register.zone")}</th>
					<th scope="col">{t("register.who")}</th>
					<th scope="col" className="only-wide-cell">
						{t("register.status")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("register.period")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("register.reason")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("register.lapses")}
					</th>
					{onAct && <th scope="col">{t("people.action")}</th>}
				</tr>
			</thead>
			<tbody>
				{grants.map((grant) => (
					<tr key={grant.id} data-testid="grant-row" data-zone={grant.zone} data-status={grant.status}>
						<th scope="row">{zones.get(grant.zone) ?? grant.zone}</th>
						<td>
							{grant.holder?.name ?? t("register.postOf", { post: grant.post })}
							<div className="only-narrow">
								<div>{status(grant)}</div>
								{period(grant)}
								{grant.status !== "ended" && (
									<div className="dim">
										{t("register.lapses")} {moment(grant.lapsesAt)}
									</div>
								)}
							</div>
						</td>
						<td className={`only-wide-cell ${grant.status === "ended" ? "dim" : ""}`}>{status(grant)}</td>
						<td className="only-wide-cell" data-testid="grant-period">
							{period(grant)}
						</td>
						<td className="dim only-wide-cell">{grant.reason}</td>
						<td className="dim only-wide-cell">{grant.status === "ended" ? "–" : moment(grant.lapsesAt)}</td>
						{onAct && (
							<td>
								{grant.status !== "ended" && (
									<div className="actions">
										{(["renew", "revoke"] as const).map((act) => (
											<Button key={act} size="xs" variant="default" data-testid={`grant-${act}`} onClick={() => onAct({ grant, act })}>
												{t(`register.${act}`)}
											</Button>
										))}
									</div>
								)}
							</td>
						)}
					</tr>
				))}
			</tbody>
		</table>
	);
}
