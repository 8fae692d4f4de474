import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { HOLDER_KINDS, type HolderKind, holderKindSchema } from "../../../../contracts/access.ts";
import { addHolder, holdersQuery } from "../../api/access.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

const KINDS: readonly HolderKind[] = HOLDER_KINDS.filter((kind) => kind !== "visitor");

/** Registers somebody; visitors come in by a visit. */
export function AddHolderDialog({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const sponsors = (useQuery(holdersQuery).data ?? []).filter(({ kind, status }) => kind === "employee" && status === "active");
	const [given, setGiven] = useState({ name: "", kind: KINDS[0] ?? "employee", company: "", post: "", sponsor: "" });
	const act = useAct(addHolder, ["holders"], ({ id }) => onDone(id));
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const { name, kind, company, post, sponsor } = given;
		if (!act.pending) act.run({ name: name.trim(), kind, company: company.trim() || null, post: post.trim() || null, sponsor: sponsor || null });
	};
	return (
		<Dialog title={t("register.add")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="add-holder">
				<FormError text={textOf(act.error)} />
				<TextInput
					label={t("register.name")}
					required
					maxLength={120}
					data-autofocus
					value={given.name}
					onChange={(event) => setGiven({ ...given, name: event.currentTarget.value })}
				/>
				<NativeSelect
					label={t("register.kind")}
					value={given.kind}
					data={KINDS.map((kind) => ({ value: kind, label: t(`register.holderKinds.${kind}`) }))}
					onChange={(event) => setGiven({ ...given, kind: holderKindSchema.parse(event.currentTarget.value) })}
				/>
				<TextInput
					label={t("register.company")}
					maxLength={120}
					value={given.company}
					onChange={(event) => setGiven({ ...given, company: event.currentTarget.value })}
				/>
				<TextInput
					label={t("register.post")}
					maxLength={64}
					value={given.post}
					onChange={(event) => setGiven({ ...given, post: event.currentTarget.value })}
				/>
				<NativeSelect
					label={t("register.sponsor")}
					value={given.sponsor}
					data={[{ value: "", label: "–" }, ...sponsors.map(({ id, name }) => ({ value: id, label: name }))]}
					onChange={(event) => setGiven({ ...given, sponsor: event.currentTarget.value })}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("register.add")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
