import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReviewItem } from "../../../../contracts/reviews.ts";
import { rolesQuery, usersQuery } from "../../api/people.ts";
import { assignmentsQuery, reassignItem } from "../../api/reviews.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Who an item was assigned to, and a way to give it to somebody else. */
export function Reassign({ item }: { item: ReviewItem }) {
	const { t } = useTranslation();
	const [open, setOpen] = useState(false);
	return (
		<>
			<div className="actions">
				<Button size="xs" variant="default" onClick={() => setOpen(true)}>
					{t("review.reassign")}
				</Button>
			</div>
			{open && <ReassignDialog item={item} onClose={() => setOpen(false)} />}
		</>
	);
}

export function ReassignDialog({ item, onClose }: { item: ReviewItem; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const roles = useQuery(rolesQuery);
	const users = useQuery(usersQuery);
	const [to, setTo] = useState("");
	const [reason, setReason] = useState("");
	const act = useAct(reassignItem, ["reviews", "review-items", "review-assignments"], onClose);
	const deciding = new Set(roles.data?.items.flatMap(({ role, permissions }) => (permissions.includes("reviews.decide") ? [role] : [])));
	const able = (users.data ?? []).filter(
		({ id, status, roles: held }) => status === "active" && id !== item.assignee?.id && held.some(({ role }) => deciding.has(role)),
	);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ review: item.review, item: item.id, to, reason: reason.trim() });
	};
	return (
		<Dialog title={t("review.reassignTitle", { number: item.number })} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="reassign-dialog">
				<FormError text={textOf(act.error)} />
				<NativeSelect
					label={t("review.reassignTo")}
					description={item.decision === null ? undefined : t("review.reassignHint")}
					data-autofocus
					required
					value={to}
					data={[{ value: "", label: t("review.choose") }, ...able.map(({ id, name, username }) => ({ value: id, label: `${name} (${username})` }))]}
					onChange={(event) => setTo(event.currentTarget.value)}
				/>
				<Textarea
					label={t("review.reassignReason")}
					required
					minLength={3}
					maxLength={2000}
					value={reason}
					onChange={(event) => setReason(event.currentTarget.value)}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("review.reassign")}
					</Button>
				</div>
			</form>
			<Assignments item={item} />
			{act.dialog}
		</Dialog>
	);
}

function Assignments({ item }: { item: ReviewItem }) {
	const { t } = useTranslation();
	const format = useFormat();
	const history = useQuery(assignmentsQuery(item.review, item.id));
	return (
		<section aria-label={t("review.history")} data-testid="assignments">
			<h3>{t("review.history")}</h3>
			<Loaded query={history} rows={1}>
				{({ items }) =>
					items.length === 0 ? (
						<p className="dim">{t("review.noHistory")}</p>
					) : (
						<ul>
							{items.map(({ id, from, to, by, at, reason }) => (
								<li key={id} className="wrap">
									{t("review.historyLine", {
										from: from?.name ?? t("review.nobody"),
										to: to?.name ?? t("review.nobody"),
										by: by.name,
										time: format.dateTime(Date.parse(at)),
										reason,
									})}
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
		</section>
	);
}
