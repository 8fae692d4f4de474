import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { VisitView } from "../../../../contracts/visitors.ts";
import { badgesQuery, issueBadge } from "../../api/visitors.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Gives a free badge of the pool: from then on it opens the visit's zones. */
export function IssueBadgeDialog({ visit, onClose }: { visit: VisitView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [badge, setBadge] = useState<string | null>(null);
	const act = useAct(issueBadge, ["visits", "visitor-badges"], onClose);
	return (
		<Dialog title={t("visits.acts.badge")} onClose={onClose}>
			<Loaded query={useQuery(badgesQuery)} rows={2}>
				{(badges) => {
					const free = badges.filter((one) => one.visit === null);
					const chosen = badge ?? free[0]?.id;
					const submit = (event: FormEvent) => {
						event.preventDefault();
						if (!act.pending && chosen !== undefined) act.run({ id: visit.id, badge: chosen });
					};
					return free.length === 0 ? (
						<Empty title={t("visits.noBadge")} />
					) : (
						<form onSubmit={submit} className="dialog-form" data-testid="issue-badge">
							<p className="dialog-subject">{visit.visitor}</p>
							<FormError text={textOf(act.error)} />
							<NativeSelect
								label={t("visits.badge")}
								data-autofocus
								value={chosen ?? ""}
								data={free.map(({ id, card }) => ({ value: id, label: `${id} (${card})` }))}
								onChange={(event) => setBadge(event.currentTarget.value)}
							/>
							<div className="dialog-actions">
								<Button variant="default" type="button" onClick={onClose}>
									{t("alarm.cancel")}
								</Button>
								<Button type="submit" className="primary" loading={act.pending}>
									{t("visits.acts.badge")}
								</Button>
							</div>
						</form>
					);
				}}
			</Loaded>
			{act.dialog}
		</Dialog>
	);
}
