import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChangeView } from "../../../../contracts/changes.ts";
import { DEVICE_KINDS } from "../../../../contracts/kinds.ts";
import { proposeChange } from "../../api/people.ts";
import { ruleBookQuery } from "../../api/rule-book.ts";
import { FormError } from "../../ui/FormError.tsx";
import { useSite } from "../../ui/site-context.ts";
import { ReasonField } from "../changes/ReasonField.tsx";
import { errorsOf, FieldErrors } from "../session/FieldErrors.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { type Draft, offerOf, proposalOf } from "./adoption-draft.ts";
import { type DeviceSays, DraftPoints } from "./DraftPoints.tsx";

interface DeviceFormProps {
	/** What the form begins with. */
	initial: Draft;
	says: DeviceSays;
	/** Where there is another way than to propose. */
	onCancel?: () => void;
}

/** Proposes what a device shall be in the site, with what is ticked; another person decides. */
export function DeviceForm({ initial, says, onCancel }: DeviceFormProps) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const site = useSite();
	const [draft, setDraft] = useState(initial);
	const [reason, setReason] = useState("");
	const [done, setDone] = useState<ChangeView | null>(null);
	const act = useAct(proposeChange, ["changes"], setDone);
	const { rules, leftOut } = offerOf(draft, useQuery(ruleBookQuery).data?.map(({ rule }) => rule) ?? [], site.racks);
	const title = t(initial.stands ? "onboarding.change" : "onboarding.add");
	const set = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
	if (done)
		return (
			<section className="panel panel-body stack" aria-label={title} data-testid="device-proposed">
				<p role="status">{t("change.proposed")}</p>
				<Link to="/changes" search={{ change: done.id, tab: "mine" }}>
					{t("onboarding.toChange")}
				</Link>
			</section>
		);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run(proposalOf(draft, rules, reason.trim()));
	};
	const places = [
		{ value: "", label: t("onboarding.choose") },
		...site.rooms.map(({ id, name }) => ({ value: `room:${id}`, label: name })),
		...site.racks.map(({ id, name, room }) => ({ value: `rack:${id}`, label: `${room} / ${name}` })),
	];
	return (
		<form onSubmit={submit} className="page" data-testid="device-form">
			<section className="panel" aria-labelledby="add-device">
				<div className="panel-head">
					<h2 id="add-device">{title}</h2>
				</div>
				<div className="panel-body stack">
					<FormError text={textOf(act.error)} />
					<FieldErrors errors={errorsOf(act.error)} />
					<div className="add-fields">
						<TextInput
							label={t("onboarding.id")}
							description={t(draft.stands ? "onboarding.idStays" : "onboarding.idHint")}
							required
							readOnly={draft.stands}
							maxLength={64}
							pattern="[A-Za-z0-9._\-]+"
							value={draft.id}
							onChange={(event) => set({ id: event.currentTarget.value })}
						/>
						<TextInput
							label={t("onboarding.name")}
							description={t("onboarding.nameHint")}
							required
							maxLength={120}
							value={draft.name}
							onChange={(event) => set({ name: event.currentTarget.value })}
						/>
						{draft.written.model === undefined && (
							<NativeSelect
								label={t("device.kind")}
								description={t("onboarding.kindHint")}
								required
								value={draft.kind}
								data={[{ value: "", label: t("onboarding.choose") }, ...DEVICE_KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))]}
								onChange={(event) => set({ kind: DEVICE_KINDS.find((kind) => kind === event.currentTarget.value) ?? "" })}
							/>
						)}
						<NativeSelect
							label={t("device.place")}
							description={t("onboarding.placeHint")}
							required
							value={draft.place}
							data={places}
							onChange={(event) => set({ place: event.currentTarget.value })}
						/>
						<TextInput
							label={t("onboarding.interval")}
							description={t("onboarding.intervalHint")}
							placeholder={t("onboarding.intervalOwn")}
							pattern="\d+(\.\d+)?(ms|s|min|h|d)"
							value={draft.interval}
							onChange={(event) => set({ interval: event.currentTarget.value })}
						/>
						<NativeSelect
							label={t("onboarding.timeZone")}
							description={t("onboarding.timeZoneHint")}
							value={draft.timeZone}
							data={[{ value: "", label: t("onboarding.siteZone", { zone: site.timeZone }) }, ...zonesWith(draft.timeZone)]}
							onChange={(event) => set({ timeZone: event.currentTarget.value })}
						/>
					</div>
				</div>
			</section>
			<DraftPoints draft={draft} says={says} onChange={setDraft} />
			<section className="panel" aria-labelledby="add-rules">
				<div className="panel-head">
					<h2 id="add-rules">{t("onboarding.rules")}</h2>
				</div>
				<div className="panel-body stack">
					{rules.length === 0 && <p>{t("onboarding.noRules")}</p>}
					{leftOut > 0 && (
						<p className="dim" data-testid="rules-left-out">
							{t("onboarding.leftOut", { count: leftOut })}
						</p>
					)}
					<ul className="add-rules">
						{rules.map(({ id, name, priority, action }) => (
							<li key={id}>
								<label className="check">
									<input
										type="checkbox"
										checked={!draft.unwanted.has(id)}
										onChange={(event) => {
											const unwanted = new Set(draft.unwanted);
											if (event.currentTarget.checked) unwanted.delete(id);
											else unwanted.add(id);
											set({ unwanted });
										}}
									/>
									<span>
										{name} <span className="dim">{t(`priority.${priority}`)}</span>
									</span>
								</label>
								<p className="dim">{action}</p>
							</li>
						))}
					</ul>
					<ReasonField value={reason} onChange={setReason} />
					<div className="actions">
						<Button type="submit" className="primary" loading={act.pending}>
							{t("change.propose")}
						</Button>
						{onCancel && (
							<Button type="button" variant="default" onClick={onCancel}>
								{t("alarm.cancel")}
							</Button>
						)}
					</div>
				</div>
			</section>
			{act.dialog}
		</form>
	);
}

/** The zones that the browser knows, and the one that is set. */
const zonesWith = (set: string): string[] => [...new Set([...Intl.supportedValuesOf("timeZone"), ...(set === "" ? [] : [set])])];
