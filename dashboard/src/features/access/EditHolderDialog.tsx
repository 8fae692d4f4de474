import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HolderView } from "../../../../contracts/access.ts";
import { holdersQuery, updateHolder } from "../../api/access.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Changes what is known of somebody; a changed post ends what was given in the old one. */
export function EditHolderDialog({ holder, onClose }: { holder: HolderView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const sponsors = (useQuery(holdersQuery).data ?? []).filter(
		({ id, kind, status }) => kind === "employee" && status === "active" && id !== holder.id,
	);
	const [given, setGiven] = useState({
		name: holder.name,
		company: holder.company ?? "",
		post: holder.post ?? "",
		sponsor: holder.sponsor?.id ?? "",
	});
	const act = useAct(updateHolder, ["holders", "grants", "permitted", "controllers"], onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (act.pending) return;
		const { id, kind, externalId, account, version } = holder;
		act.run({
			id,
			name: given.name.trim(),
			kind,
			company: given.company.trim() || null,
			post: given.post.trim() || null,
			externalId,
			account,
			sponsor: given.sponsor || null,
			version,
		});
	};
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	return (
		<Dialog title={t("register.edit")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="edit-holder">
				<FormError text={textOf(act.error)} />
				<TextInput
					label={t("register.name")}
					required
					maxLength={120}
					data-autofocus
					value={given.name}
					onChange={(event) => set({ name: event.currentTarget.value })}
				/>
				<TextInput
					label={t("register.company")}
					maxLength={120}
					value={given.company}
					onChange={(event) => set({ company: event.currentTarget.value })}
				/>
				<TextInput
					label={t("register.post")}
					description={t("register.postHint")}
					maxLength={64}
					value={given.post}
					onChange={(event) => set({ post: event.currentTarget.value })}
				/>
				<NativeSelect
					label={t("register.sponsor")}
					value={given.sponsor}
					data={[{ value: "", label: "–" }, ...sponsors.map(({ id, name }) => ({ value: id, label: name }))]}
					onChange={(event) => set({ sponsor: event.currentTarget.value })}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("register.edit")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
