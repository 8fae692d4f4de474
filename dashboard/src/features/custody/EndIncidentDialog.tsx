import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type IncidentOutcome, type IncidentView, MEDIUM_TYPES, type MediumView } from "../../../../contracts/media.ts";
import { handlersQuery, mediaStoresQuery, mediumQuery } from "../../api/custody.ts";
import { changesQuery } from "../../api/people.ts";
import { Loading } from "../../ui/Loaded.tsx";
import { ProposeDialog } from "../changes/ProposeDialog.tsx";
import { useMay } from "../session/session-context.ts";
import { useMediaWords } from "./words.ts";

/** What may be done about an incident: how it ends is proposed by one and approved by another. */
export function IncidentActions({ incident }: { incident: IncidentView }) {
	const { t } = useTranslation();
	const manages = useMay("media.manage");
	const words = useMediaWords();
	const [proposing, setProposing] = useState(false);
	const waiting = useQuery(changesQuery).data?.find(
		({ kind, subject, state }) => kind === "media-incident" && subject === incident.id && state === "pending",
	);
	if (incident.medium === null)
		return <p className="dim">{t(incident.kind === "not-reconciled" ? "custody.endsByReconciling" : "custody.endsByItself")}</p>;
	if (waiting)
		return (
			<p>
				<Link to="/changes" search={{ change: waiting.id }} data-testid="proposed">
					{t("custody.proposed")}
				</Link>
			</p>
		);
	return (
		<>
			{manages && (
				<div className="actions">
					<Button size="xs" variant="default" data-testid="end-incident" onClick={() => setProposing(true)}>
						{t("custody.end")}
					</Button>
				</div>
			)}
			{proposing && (
				<EndIncidentDialog incident={incident} medium={incident.medium} subject={words.incident(incident)} onClose={() => setProposing(false)} />
			)}
		</>
	);
}

function EndIncidentDialog({ medium, ...rest }: { incident: IncidentView; medium: string; subject: string; onClose: () => void }) {
	const view = useQuery(mediumQuery(medium)).data;
	const stores = useQuery(mediaStoresQuery).data;
	const people = useQuery(handlersQuery).data;
	if (!view || !stores || !people) return <Loading rows={1} />;
	return <OutcomeDialog {...rest} medium={view} stores={stores} people={people} />;
}

interface OutcomeDialogProps {
	incident: IncidentView;
	medium: MediumView;
	stores: readonly { id: string; name: string }[];
	people: readonly { id: string; name: string }[];
	subject: string;
	onClose: () => void;
}

const SEAL = "[A-Za-z0-9\\-]{3,40}";
const OUTCOMES = ["resume", "still-installed", "lost"] as const;

function OutcomeDialog({ incident, medium, stores, people, subject, onClose }: OutcomeDialogProps) {
	const { t } = useTranslation();
	const { custody } = medium;
	const [given, setGiven] = useState({
		kind: "resume" as (typeof OUTCOMES)[number],
		to: custody.kind === "store" ? ("store" as const) : ("person" as const),
		account: custody.kind === "person" ? custody.person.id : (people[0]?.id ?? ""),
		store: custody.kind === "store" ? custody.store : (stores[0]?.id ?? ""),
		seal: medium.seal ?? "",
		redo: false,
		type: medium.type,
		serial: "",
		damaged: false,
	});
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	const outcome = (): IncidentOutcome => {
		if (given.kind !== "resume") return { kind: given.kind };
		const { to, account, store, seal, redo, type, serial, damaged } = given;
		return {
			kind: "resume",
			custodian: to === "store" ? { store } : { account },
			seal: seal.trim() || null,
			redo,
			...(type !== medium.type && { type }),
			...(serial.trim() !== "" && { serial: serial.trim() }),
			...(damaged && { damaged: true }),
		};
	};
	return (
		<ProposeDialog
			title={t("custody.end")}
			subject={subject}
			testId="propose-outcome"
			proposal={(reason) => ({ kind: "media-incident", incident: incident.id, outcome: outcome(), reason })}
			onClose={onClose}
			onDone={onClose}
		>
			<p className="wrap">{incident.detail}</p>
			<fieldset className="media-choices">
				<legend>{t("custody.outcome")}</legend>
				{OUTCOMES.map((kind, place) => (
					<label key={kind} className="check">
						<input
							type="radio"
							name="outcome"
							value={kind}
							data-autofocus={place === 0 || undefined}
							checked={given.kind === kind}
							onChange={() => set({ kind })}
						/>
						{t(`custody.outcomes.${kind}`)}
					</label>
				))}
			</fieldset>
			{given.kind === "resume" && (
				<>
					<NativeSelect
						name="to"
						label={t("custody.custodian")}
						value={given.to}
						data={(["person", "store"] as const).map((value) => ({ value, label: t(value === "store" ? "custody.toStore" : "custody.toPerson") }))}
						onChange={(event) => set({ to: event.currentTarget.value === "store" ? "store" : "person" })}
					/>
					{given.to === "person" ? (
						<NativeSelect
							name="account"
							label={t("custody.toPerson")}
							value={given.account}
							data={people.map(({ id, name }) => ({ value: id, label: name }))}
							onChange={(event) => set({ account: event.currentTarget.value })}
						/>
					) : (
						<NativeSelect
							name="store"
							label={t("custody.toStore")}
							value={given.store}
							data={stores.map(({ id, name }) => ({ value: id, label: name }))}
							error={stores.length === 0 ? t("custody.noStore") : undefined}
							onChange={(event) => set({ store: event.currentTarget.value })}
						/>
					)}
					<TextInput
						name="seal"
						label={t("custody.seal")}
						description={t("custody.sealHint")}
						pattern={SEAL}
						value={given.seal}
						onChange={(event) => set({ seal: event.currentTarget.value })}
					/>
					<label className="check">
						<input type="checkbox" checked={given.redo} onChange={(event) => set({ redo: event.currentTarget.checked })} />
						{t("custody.redo")}
					</label>
					<NativeSelect
						label={t("custody.realType")}
						value={given.type}
						data={MEDIUM_TYPES.map((value) => {
							const name = t(`custody.types.${value}`);
							return { value, label: value === medium.type ? t("custody.asRecorded", { value: name }) : name };
						})}
						onChange={(event) => set({ type: MEDIUM_TYPES.find((one) => one === event.currentTarget.value) ?? medium.type })}
					/>
					<TextInput
						label={t("custody.realSerial")}
						description={t("custody.asRecordedHint", { value: medium.serial })}
						maxLength={80}
						value={given.serial}
						onChange={(event) => set({ serial: event.currentTarget.value })}
					/>
					{!medium.damaged && (
						<label className="check">
							<input type="checkbox" checked={given.damaged} onChange={(event) => set({ damaged: event.currentTarget.checked })} />
							{t("custody.isDamagedNow")}
						</label>
					)}
				</>
			)}
		</ProposeDialog>
	);
}
