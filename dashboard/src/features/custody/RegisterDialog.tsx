import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CLASSIFICATIONS, type Classification, MEDIUM_TYPES, type MediumType } from "../../../../contracts/media.ts";
import type { BatchView } from "../../../../contracts/media-orders.ts";
import { MAGNETIC } from "../../../../contracts/media-policy.ts";
import { MEDIA_KEYS, registerMedium } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useFieldErrors } from "../session/use-field-errors.ts";
import { useProblemText } from "../session/use-problem-text.ts";
import { isRead, NO_READING, SerialFields } from "./SerialFields.tsx";

const GIGABYTE = 1_000_000_000;

/** Registers one medium of an order after the other: what they have in common stays in the fields. */
export function RegisterDialog({ order, bay, onClose }: { order: BatchView; bay?: { asset: string; bay: string }; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [reading, setReading] = useState(NO_READING);
	const [given, setGiven] = useState({
		maker: "",
		model: "",
		type: "hdd" as MediumType,
		classification: "moderate" as Classification,
		capacity: "" as string | number,
		coercivity: "" as string | number,
		damaged: false,
		property: "",
		asset: bay?.asset ?? "",
		bay: bay?.bay ?? "",
		why: "",
	});
	const [last, setLast] = useState<string | null>(null);
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	const [serialField, makerField] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)];
	const act = useAct(registerMedium, MEDIA_KEYS, ({ serial }) => {
		if (bay) return onClose();
		setLast(serial);
		setReading(NO_READING);
		set({ damaged: false, property: "", bay: "" });
		serialField.current?.focus();
	});
	const numberOf = (value: string | number) => (value === "" ? null : Number(value));
	const magnetic = MAGNETIC.includes(given.type);
	const wrong = useFieldErrors(act.error);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (act.pending || !isRead(reading)) return;
		const { maker, model, type, classification, damaged, property, asset, why } = given;
		const capacity = numberOf(given.capacity);
		act.run({
			serial: reading.serial.trim(),
			maker: maker.trim(),
			model: model.trim(),
			type,
			classification,
			capacityBytes: capacity === null ? null : Math.round(capacity * GIGABYTE),
			coercivityOe: magnetic ? numberOf(given.coercivity) : null,
			damaged,
			property: property.trim() || null,
			source: asset.trim() && given.bay.trim() ? { asset: asset.trim(), bay: given.bay.trim() } : null,
			why: why.trim(),
			batch: order.id,
		});
	};
	const line = (name: "maker" | "model" | "property" | "asset" | "bay" | "why", label: string, required: boolean) => (
		<TextInput
			name={name}
			label={label}
			required={required}
			maxLength={120}
			value={given[name]}
			error={wrong(name)}
			onChange={(event) => set({ [name]: event.currentTarget.value })}
			{...(name === "maker" && { ref: makerField })}
		/>
	);
	return (
		<Dialog title={t("custody.register")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="register-medium">
				<p className="dialog-subject">{order.title}</p>
				<FormError text={textOf(act.error)} />
				<p role="status" className={last === null ? "visually-hidden" : "note"} data-testid="registered">
					{last !== null && t("custody.registered", { serial: last })}
				</p>
				<SerialFields reading={reading} first={serialField} onChange={setReading} onRead={() => makerField.current?.focus()} />
				{line("maker", t("custody.maker"), true)}
				{line("model", t("custody.modelOnly"), true)}
				<NativeSelect
					name="type"
					label={t("custody.type")}
					value={given.type}
					data={MEDIUM_TYPES.map((value) => ({ value, label: t(`custody.types.${value}`) }))}
					onChange={(event) => set({ type: MEDIUM_TYPES.find((one) => one === event.currentTarget.value) ?? given.type })}
				/>
				<NativeSelect
					name="classification"
					label={t("custody.class")}
					value={given.classification}
					data={CLASSIFICATIONS.map((value) => ({ value, label: t(`custody.classes.${value}`) }))}
					onChange={(event) => set({ classification: CLASSIFICATIONS.find((one) => one === event.currentTarget.value) ?? given.classification })}
				/>
				<label className="check">
					<input type="checkbox" checked={given.damaged} onChange={(event) => set({ damaged: event.currentTarget.checked })} />
					{t("custody.isDamaged")}
				</label>
				<NumberInput label={t("custody.capacity")} min={0.001} hideControls value={given.capacity} onChange={(capacity) => set({ capacity })} />
				{magnetic && (
					<NumberInput
						label={t("custody.coercivity")}
						description={t("custody.coercivityHint")}
						min={1}
						max={100_000}
						hideControls
						value={given.coercivity}
						onChange={(coercivity) => set({ coercivity })}
					/>
				)}
				{line("property", t("custody.property"), false)}
				{line("asset", t("custody.asset"), given.bay.trim() !== "")}
				{line("bay", t("custody.bay"), given.asset.trim() !== "")}
				{line("why", t("custody.why"), true)}
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.close")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending} disabled={!isRead(reading)}>
						{t(bay ? "custody.registerOf" : "custody.registerNext")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
