import { Button, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { METHODS, type MediumView, SERIAL_PLACES, type StepAct, type StepInput, stepInputSchema } from "../../../../../contracts/media.ts";
import { needsPhoto } from "../../../../../contracts/media-acts.ts";
import { MACHINES } from "../../../../../contracts/media-orders.ts";
import { FormError } from "../../../ui/FormError.tsx";
import { isRead, NO_READING } from "../SerialFields.tsx";
import type { Work } from "./device-store.ts";
import { PhotoField, type TakenPhoto } from "./PhotoField.tsx";
import type { Person } from "./queue.ts";
import { SerialField } from "./SerialField.tsx";

interface StepFormProps {
	act: StepAct;
	medium: MediumView;
	work: Work;
	by: Person;
	online: boolean;
	onBack: () => void;
	onKeep: (input: StepInput, photos: readonly TakenPhoto[]) => Promise<void>;
}

/** Acts after which the medium may stand under a new seal. */
const SEALS: readonly StepAct[] = ["remove", "seal", "verify", ...METHODS];
/** Acts that look at the seal as it was found. */
const SEES_SEAL: readonly StepAct[] = ["offer", "accept", "store", "take", "verify", "release", ...METHODS];
const INCIDENTS = ["lost", "broken-seal", "wrong-serial", "wrong-type", "seen-elsewhere", "other"] as const;
/** What is told of one step; large enough for gloves. */
export function StepForm({ act, medium, work, by, online, onBack, onKeep }: StepFormProps) {
	const { t } = useTranslation();
	const order = work.orders.find(({ id }) => id === medium.batch);
	const [chosenPlace, setPlace] = useState<string | null>(null);
	const [fields, setFields] = useState<Readonly<Record<string, string>>>({});
	const [serial, setSerial] = useState(NO_READING);
	const [photos, setPhotos] = useState<readonly TakenPhoto[]>([]);
	const [wrong, setWrong] = useState<string | null>(null);
	const [keeping, setKeeping] = useState(false);
	const text = (name: string) => fields[name] ?? "";
	const set = (name: string, value: string) => setFields((before) => ({ ...before, [name]: value }));
	const machines = work.machines.filter(({ kind }) => MACHINES[kind].method === act);
	const store = act === "take" && medium.custody.kind === "store" ? medium.custody.store : text("store") || (work.stores[0]?.id ?? "");
	/** Where it is done, unless somebody says otherwise: at the store, where it was offered, or where the order says. */
	const usual =
		act === "store" || act === "take" ? work.stores.find(({ id }) => id === store)?.room : act === "accept" ? medium.offer?.place : undefined;
	const place = chosenPlace ?? usual ?? order?.place ?? work.rooms[0]?.id ?? "";
	const takers = order?.people.filter(({ id }) => id !== by.id) ?? [];

	const newSeal = SEALS.includes(act) ? text("newSeal").trim() || null : null;
	const photoNeeded = needsPhoto(medium.photos, { act, sealed: medium.seal !== null, newSeal });
	const destroys = act === "verify" || (METHODS as readonly string[]).includes(act);
	const planned = order === undefined || act === "report" || (order.people.some(({ id }) => id === by.id) && (!destroys || place === order.place));

	const submit = (event: FormEvent) => {
		event.preventDefault();
		// What stops the chain is told without one too.
		if (photoNeeded && photos.length === 0 && text("sealIntact") !== "no") {
			setWrong(t("work.photoNeeded"));
			return;
		}
		const told = {
			act,
			id: crypto.randomUUID(),
			after: medium.steps,
			at: new Date().toISOString(),
			queued: !online,
			place,
			seal: medium.seal !== null && SEES_SEAL.includes(act) ? { number: text("sealNumber").trim(), intact: text("sealIntact") === "yes" } : null,
			photos: photos.map(({ digest }) => digest),
			note: text("note").trim() || null,
			...(SEALS.includes(act) && { newSeal }),
			...(act === "remove" && {
				serial: serial.serial.trim(),
				serialAgain: serial.scanned ? null : serial.again.trim(),
				serialFrom: text("serialFrom") || SERIAL_PLACES[0],
			}),
			...(act === "offer" && { to: text("to") || (takers[0]?.id ?? "") }),
			...((act === "store" || act === "take") && { store }),
			...((METHODS as readonly string[]).includes(act) && {
				equipment: text("equipment") || (machines[0]?.id ?? ""),
				technique: text("technique").trim() || null,
			}),
			...(act === "verify" && { result: text("result"), how: text("how") || "visual" }),
			...(act === "release" && { destination: order?.destination }),
			...(act === "report" && { incident: text("incident") || "other", text: text("text").trim() }),
		};
		if (act === "remove" && !isRead(serial)) {
			setWrong(t("work.serialDiffers"));
			return;
		}
		const parsed = stepInputSchema.safeParse(told);
		if (!parsed.success) {
			const [issue] = parsed.error.issues;
			setWrong(`${t("work.unfit")} ${issue ? `${issue.path.join(".")}: ${issue.message}` : ""}`);
			return;
		}
		setWrong(null);
		setKeeping(true);
		onKeep(parsed.data, photos).catch(() => {
			setKeeping(false);
			setWrong(t("work.notKept"));
		});
	};

	return (
		<form onSubmit={submit} className="work-form" data-testid="work-form" aria-labelledby="work-form-title">
			<Button variant="default" type="button" onClick={onBack}>
				‹ {t("work.back")}
			</Button>
			<h1 id="work-form-title">
				{t(`work.acts.${act}`)}: <span className="work-serial">{medium.serial}</span>
			</h1>
			<p className="dim">{t("work.as", { name: by.name })}</p>
			{act === "remove" && (
				<>
					<SerialField value={serial} onChange={setSerial} />
					<Choice
						name="serialFrom"
						label={t("work.serialFrom")}
						value={text("serialFrom") || SERIAL_PLACES[0]}
						options={SERIAL_PLACES.map((one) => [one, t(`custody.serialPlaces.${one}`)])}
						onChange={set}
					/>
				</>
			)}
			{medium.seal !== null && SEES_SEAL.includes(act) && (
				<>
					<Text name="sealNumber" label={t("work.sealFound")} value={text("sealNumber")} onChange={set} required />
					<Choice
						name="sealIntact"
						label={t("work.sealIs")}
						value={text("sealIntact")}
						options={[
							["", t("work.choose")],
							["yes", t("work.intact")],
							["no", t("work.broken")],
						]}
						onChange={set}
						required
					/>
				</>
			)}
			{act === "offer" && (
				<Choice
					name="to"
					label={t("work.to")}
					value={text("to") || (takers[0]?.id ?? "")}
					options={takers.map(({ id, name }) => [id, name])}
					onChange={set}
				/>
			)}
			{act === "store" && (
				<Choice name="store" label={t("work.store")} value={store} options={work.stores.map(({ id, name }) => [id, name])} onChange={set} />
			)}
			{(METHODS as readonly string[]).includes(act) && (
				<>
					<Choice
						name="equipment"
						label={t("work.machine")}
						value={text("equipment") || (machines[0]?.id ?? "")}
						options={machines.map(({ id, name, unfit }) => [id, unfit === null ? name : `▲ ${name}: ${unfit}`])}
						onChange={set}
					/>
					<Text name="technique" label={t("work.technique")} value={text("technique")} onChange={set} />
				</>
			)}
			{act === "verify" && (
				<>
					<Choice
						name="result"
						label={t("work.result")}
						value={text("result")}
						options={[
							["", t("work.choose")],
							["pass", t("work.pass")],
							["fail", t("work.fail")],
							["unknown", t("work.unknown")],
						]}
						onChange={set}
						required
					/>
					<Choice
						name="how"
						label={t("work.how")}
						value={text("how") || "visual"}
						options={(["visual", "instrument", "full-read", "sampling"] as const).map((one) => [one, t(`custody.hows.${one}`)])}
						onChange={set}
					/>
				</>
			)}
			{act === "release" && order && <p>{t("work.destination", { organisation: order.destination.organisation })}</p>}
			{act === "report" && (
				<>
					<Choice
						name="incident"
						label={t("work.what")}
						value={text("incident") || "other"}
						options={INCIDENTS.map((one) => [one, t(`custody.kinds.${one}`)])}
						onChange={set}
					/>
					<Textarea label={t("work.text")} required minRows={3} value={text("text")} onChange={(event) => set("text", event.currentTarget.value)} />
				</>
			)}
			{SEALS.includes(act) && <Text name="newSeal" label={t("work.newSeal")} value={text("newSeal")} onChange={set} required={act === "seal"} />}
			<Choice
				name="place"
				label={t("work.place")}
				value={place}
				options={work.rooms.map(({ id, name }) => [id, name])}
				onChange={(_, value) => setPlace(value)}
			/>
			{photoNeeded && <p>{t("work.photoNeeded")}</p>}
			<PhotoField photos={photos} onChange={setPhotos} />
			{!planned && <p>▲ {t("work.notPlanned")}</p>}
			{act !== "report" && <Text name="note" label={t("work.note")} value={text("note")} onChange={set} />}
			<FormError text={wrong} />
			<Button type="submit" fullWidth className="primary work-act" loading={keeping} data-testid="work-keep">
				{t("work.keep", { act: t(`work.acts.${act}`) })}
			</Button>
		</form>
	);
}

interface FieldProps {
	name: string;
	label: string;
	value: string;
	onChange: (name: string, value: string) => void;
}

function Text({ name, label, value, onChange, required = false }: FieldProps & { required?: boolean }) {
	return (
		<TextInput
			name={name}
			label={label}
			value={value}
			required={required}
			autoComplete="off"
			spellCheck={false}
			onChange={(event) => onChange(name, event.currentTarget.value)}
		/>
	);
}

function Choice({
	name,
	label,
	value,
	options,
	onChange,
	required = false,
}: FieldProps & { options: readonly (readonly [string, string])[]; required?: boolean }) {
	return (
		<label className="work-field">
			{label}
			<select name={name} value={value} required={required} onChange={(event) => onChange(name, event.currentTarget.value)}>
				{options.map(([one, words]) => (
					<option key={one} value={one}>
						{words}
					</option>
				))}
			</select>
		</label>
	);
}
