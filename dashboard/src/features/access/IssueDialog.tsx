import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HolderView } from "../../../../contracts/access.ts";
import { WIEGAND_FORMATS } from "../../../../contracts/wiegand.ts";
import { issueCredential } from "../../api/access.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useSite } from "../../ui/site-context.ts";
import { instantOf } from "../../ui/site-time.ts";
import { useAct } from "../session/use-act.tsx";
import { useFieldErrors } from "../session/use-field-errors.ts";
import { useProblemText } from "../session/use-problem-text.ts";

/** Issues a card (format, facility and number together are the card), or enrols a fingerprint by its reference: nothing of the finger itself. */
export function IssueDialog({ type, holder, onClose }: { type: "card" | "fingerprint"; holder: HolderView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { timeZone } = useSite();
	const [format, setFormat] = useState<string>(WIEGAND_FORMATS[0] ?? "H10301");
	const [facility, setFacility] = useState<string | number>("");
	const [number, setNumber] = useState<string | number>("");
	const [fingerprint, setFingerprint] = useState("");
	const [until, setUntil] = useState("");
	const act = useAct(issueCredential, ["credentials", "permitted", "controllers"], onClose);
	const wrong = useFieldErrors(act.error);
	const title = t(type === "card" ? "register.issue" : "register.enrol");
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (act.pending) return;
		const end = instantOf(until, timeZone);
		act.run({
			holder: holder.id,
			...(type === "card" ? { card: { format, facility: Number(facility), number: Number(number) } } : { fingerprint: fingerprint.trim() }),
			until: end === null ? null : new Date(end).toISOString(),
		});
	};
	return (
		<Dialog title={title} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid={`issue-${type}`}>
				<p className="dialog-subject">{holder.name}</p>
				<FormError text={textOf(act.error)} />
				{type === "card" ? (
					<>
						<NativeSelect
							label={t("register.format")}
							value={format}
							data={[...WIEGAND_FORMATS]}
							error={wrong("card.format")}
							onChange={(event) => setFormat(event.currentTarget.value)}
						/>
						<NumberInput
							label={t("register.facility")}
							required
							min={0}
							allowDecimal={false}
							hideControls
							data-autofocus
							value={facility}
							error={wrong("card.facility")}
							onChange={setFacility}
						/>
						<NumberInput
							label={t("register.number")}
							required
							min={0}
							allowDecimal={false}
							hideControls
							value={number}
							error={wrong("card.number")}
							onChange={setNumber}
						/>
					</>
				) : (
					<TextInput
						name="fingerprint"
						label={t("register.reference")}
						description={t("register.referenceHint")}
						required
						autoComplete="off"
						data-autofocus
						value={fingerprint}
						error={wrong("fingerprint")}
						onChange={(event) => setFingerprint(event.currentTarget.value)}
					/>
				)}
				<TextInput
					name="until"
					type="datetime-local"
					label={t("register.validUntil")}
					description={t("register.validUntilHint")}
					value={until}
					error={wrong("until")}
					onChange={(event) => setUntil(event.currentTarget.value)}
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
