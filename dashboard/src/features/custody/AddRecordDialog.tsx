import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type EquipmentView, RECORD_KINDS } from "../../../../contracts/media-orders.ts";
import { addMachineRecord } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useSite } from "../../ui/site-context.ts";
import { instantOf, localOf } from "../../ui/site-time.ts";
import { useAct } from "../session/use-act.tsx";
import { useFieldErrors } from "../session/use-field-errors.ts";
import { useProblemText } from "../session/use-problem-text.ts";

const YEAR = 365 * 86_400_000;

/** Enters a test or calibration; what is entered stays. */
export function AddRecordDialog({ machine, onClose }: { machine: EquipmentView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { timeZone } = useSite();
	const iso = (time: string) => {
		const instant = instantOf(time, timeZone);
		return instant === null ? null : new Date(instant).toISOString();
	};
	const [given, setGiven] = useState(() => ({
		kind: "test" as (typeof RECORD_KINDS)[number],
		at: localOf(Date.now() - 60_000, timeZone),
		validUntil: localOf(Date.now() + YEAR, timeZone),
		passed: true,
		by: "",
		reference: "",
	}));
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	const act = useAct(addMachineRecord, ["media-equipment"], onClose);
	const wrong = useFieldErrors(act.error);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const { kind, passed, by, reference } = given;
		const [at, validUntil] = [iso(given.at), iso(given.validUntil)];
		if (!act.pending && at !== null && validUntil !== null)
			act.run({ id: machine.id, kind, at, validUntil, passed, by: by.trim(), reference: reference.trim() });
	};
	return (
		<Dialog title={t("custody.addRecord")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="machine-record">
				<p className="dialog-subject">{machine.name}</p>
				<FormError text={textOf(act.error)} />
				<NativeSelect
					name="kind"
					label={t("custody.recordKind")}
					data-autofocus
					value={given.kind}
					data={RECORD_KINDS.map((value) => ({ value, label: t(`custody.recordKinds.${value}`) }))}
					onChange={(event) => set({ kind: RECORD_KINDS.find((one) => one === event.currentTarget.value) ?? given.kind })}
				/>
				<label className="check">
					<input type="checkbox" checked={given.passed} onChange={(event) => set({ passed: event.currentTarget.checked })} />
					{t("custody.didPass")}
				</label>
				{(["at", "validUntil"] as const).map((name) => (
					<TextInput
						key={name}
						name={name}
						type="datetime-local"
						label={t(name === "at" ? "custody.testedAt" : "custody.validUntil")}
						required
						value={given[name]}
						error={wrong(name)}
						onChange={(event) => set({ [name]: event.currentTarget.value })}
					/>
				))}
				{(["by", "reference"] as const).map((name) => (
					<TextInput
						key={name}
						name={name}
						label={t(name === "by" ? "custody.testedBy" : "custody.reference")}
						required
						maxLength={120}
						value={given[name]}
						error={wrong(name)}
						onChange={(event) => set({ [name]: event.currentTarget.value })}
					/>
				))}
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("custody.addRecord")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
