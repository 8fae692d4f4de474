import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { LARGEST_PARTICLE } from "../../../../contracts/media.ts";
import { EQUIPMENT_KINDS, type EquipmentKind } from "../../../../contracts/media-orders.ts";
import { addMachine } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useFieldErrors } from "../session/use-field-errors.ts";
import { useProblemText } from "../session/use-problem-text.ts";

/** What says what a kind of machine can do. */
const MEASURE: Readonly<Record<EquipmentKind, "fieldOe" | "particleMm" | "softwareVersion" | null>> = {
	degausser: "fieldOe",
	eraser: "softwareVersion",
	bender: null,
	crusher: null,
	shredder: "particleMm",
	disintegrator: "particleMm",
	grinder: "particleMm",
};

/** Registers a machine; it may be used once its tests are entered. */
export function AddMachineDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [kind, setKind] = useState<EquipmentKind>("degausser");
	const [given, setGiven] = useState({ name: "", maker: "", model: "", serial: "", version: "" });
	const [measured, setMeasured] = useState<string | number>("");
	const act = useAct(addMachine, ["media-equipment"], onClose);
	const measure = MEASURE[kind];
	const wrong = useFieldErrors(act.error);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (act.pending) return;
		const { name, maker, model, serial, version } = given;
		act.run({
			name: name.trim(),
			maker: maker.trim(),
			model: model.trim(),
			serial: serial.trim(),
			kind,
			fieldOe: measure === "fieldOe" ? Number(measured) : null,
			particleMm: measure === "particleMm" ? Number(measured) : null,
			version: measure === "softwareVersion" ? version.trim() : null,
		});
	};
	const line = (name: keyof typeof given, label: string) => (
		<TextInput
			key={name}
			name={name}
			label={label}
			required
			maxLength={name === "serial" ? 80 : 120}
			value={given[name]}
			error={wrong(name)}
			onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })}
		/>
	);
	return (
		<Dialog title={t("custody.addMachine")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="add-machine">
				<FormError text={textOf(act.error)} />
				<NativeSelect
					name="kind"
					label={t("custody.kind")}
					data-autofocus
					value={kind}
					data={EQUIPMENT_KINDS.map((value) => ({ value, label: t(`custody.machineKinds.${value}`) }))}
					onChange={(event) => {
						setKind(EQUIPMENT_KINDS.find((one) => one === event.currentTarget.value) ?? kind);
						setMeasured("");
					}}
				/>
				{line("name", t("custody.name"))}
				{line("maker", t("custody.maker"))}
				{line("model", t("custody.modelOnly"))}
				{line("serial", t("custody.serial"))}
				{measure === "softwareVersion" && line("version", t("custody.softwareVersion"))}
				{(measure === "fieldOe" || measure === "particleMm") && (
					<NumberInput
						name="measure"
						label={t(`custody.${measure}`)}
						required
						min={0.1}
						max={measure === "fieldOe" ? 200_000 : LARGEST_PARTICLE}
						hideControls
						value={measured}
						onChange={setMeasured}
					/>
				)}
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("custody.addMachine")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
