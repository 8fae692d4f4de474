import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { HOLDER_KINDS, type HolderKind, type HolderView, holderKindSchema } from "../../../../contracts/access.ts";
import { addHolder, holdersQuery, updateHolder } from "../../api/access.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Visitors come in by a visit. */
const KINDS: readonly HolderKind[] = HOLDER_KINDS.filter((kind) => kind !== "visitor");

interface HolderDialogProps {
	/** Whose entry is changed; `null`: somebody is registered. */
	holder: HolderView | null;
	onClose: () => void;
	onDone: (holder: HolderView) => void;
}

/** Registers somebody, or changes what is known of them: a changed post ends what was given in the old one. */
export function HolderDialog({ holder, onClose, onDone }: HolderDialogProps) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const sponsors = (useQuery(holdersQuery).data ?? []).filter(
		({ id, kind, status }) => kind === "employee" && status === "active" && id !== holder?.id,
	);
	const [given, setGiven] = useState({
		name: holder?.name ?? "",
		kind: holder?.kind ?? KINDS[0] ?? "employee",
		company: holder?.company ?? "",
		post: holder?.post ?? "",
		sponsor: holder?.sponsor?.id ?? "",
	});
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	const title = t(holder ? "register.edit" : "register.add");
	const act = useAct(
		(values: Parameters<typeof addHolder>[0]) =>
			holder
				? updateHolder({ ...values, id: holder.id, externalId: holder.externalId, account: holder.account, version: holder.version })
				: addHolder(values),
		["holders", "grants", "permitted", "controllers"],
		onDone,
	);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const { name, kind, company, post, sponsor } = given;
		if (!act.pending) act.run({ name: name.trim(), kind, company: company.trim() || null, post: post.trim() || null, sponsor: sponsor || null });
	};
	return (
		<Dialog title={title} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid={holder ? "edit-holder" : "add-holder"}>
				<FormError text={textOf(act.error)} />
				<TextInput
					label={t("register.name")}
					required
					maxLength={120}
					data-autofocus
					value={given.name}
					onChange={(event) => set({ name: event.currentTarget.value })}
				/>
				{!holder && (
					<NativeSelect
						label={t("register.kind")}
						value={given.kind}
						data={KINDS.map((kind) => ({ value: kind, label: t(`register.holderKinds.${kind}`) }))}
						onChange={(event) => set({ kind: holderKindSchema.parse(event.currentTarget.value) })}
					/>
				)}
				<TextInput
					label={t("register.company")}
					maxLength={120}
					value={given.company}
					onChange={(event) => set({ company: event.currentTarget.value })}
				/>
				<TextInput
					label={t("register.post")}
					description={holder && t("register.postHint")}
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
						{title}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
