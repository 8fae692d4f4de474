import { NativeSelect, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { POINT_KINDS, pointKindSchema } from "../../../../contracts/kinds.ts";
import { unitsFor } from "../../../../contracts/units.ts";
import { unitText } from "../../ui/PointValue.tsx";
import { type Draft, type DraftPoint, unitOf, withKind, withPoint } from "./adoption-draft.ts";

/** What the device says in one of its channels. */
export type DeviceSays = (source: string) => {
	value: ReactNode;
	/** `null`: it says none, as far as it is known. */
	unit: string | null;
};

interface DraftPointsProps {
	draft: Draft;
	says: DeviceSays;
	onChange: (draft: Draft) => void;
}

/** What the device says, channel by channel; what is ticked is a point. */
export function DraftPoints({ draft, says, onChange }: DraftPointsProps) {
	const { t } = useTranslation();
	return (
		<section className="panel" aria-labelledby="add-points">
			<div className="panel-head">
				<h2 id="add-points">{t("onboarding.points")}</h2>
			</div>
			{draft.points.length === 0 ? (
				<p className="panel-body">{t("onboarding.noChannels")}</p>
			) : (
				<div className="table-scroll">
					<table className="plain-table draft-points">
						<caption className="visually-hidden">{t("onboarding.points")}</caption>
						<thead>
							<tr>
								<th scope="col">{t("onboarding.channel")}</th>
								<th scope="col" className="number">
									{t("point.value")}
								</th>
								<th scope="col">{t("onboarding.measures")}</th>
								<th scope="col">{t("onboarding.unit")}</th>
								<th scope="col">{t("onboarding.name")}</th>
								<th scope="col">{t("onboarding.id")}</th>
							</tr>
						</thead>
						<tbody>
							{draft.points.map((point) => (
								<PointRow key={point.key} draft={draft} point={point} says={says} onChange={onChange} />
							))}
						</tbody>
					</table>
				</div>
			)}
		</section>
	);
}

function PointRow({ draft, point, says, onChange }: DraftPointsProps & { point: DraftPoint }) {
	const { t } = useTranslation();
	const { key, taken, written } = point;
	const channel = written.source ?? written.id;
	const { value, unit: said } = says(channel);
	const unit = unitOf(point);
	const set = (changed: Parameters<typeof withPoint>[2]) => onChange(withPoint(draft, key, changed));
	return (
		<tr data-testid="channel-row" data-channel={channel}>
			<th scope="row">
				<label className="check">
					<input type="checkbox" checked={taken} disabled={point.kind === null} onChange={(event) => set({ taken: event.currentTarget.checked })} />
					<span className="wrap">{channel}</span>
				</label>
			</th>
			<td className="number">{value}</td>
			<td>
				<NativeSelect
					aria-label={t("onboarding.measuresOf", { channel })}
					value={point.kind ?? ""}
					data={[
						{ value: "", label: t("onboarding.unknownKind") },
						...kindsOf(point).map((kind) => ({ value: kind, label: t(`pointKind.${kind}`) })),
					]}
					onChange={(event) => onChange(withKind(draft, key, pointKindSchema.safeParse(event.currentTarget.value).data ?? null, said))}
				/>
			</td>
			<td className="dim">
				{unit === null || said !== null || unitsFor(unit).length === 1 ? (
					unitText(unit) || "–"
				) : (
					<NativeSelect
						aria-label={t("onboarding.unitOf", { channel })}
						title={t("onboarding.unitHint", { unit })}
						value={point.sourceUnit || unit}
						data={[...new Set([...unitsFor(unit), point.sourceUnit || unit])]}
						onChange={({ currentTarget: { value: chosen } }) => set({ sourceUnit: chosen === unit ? "" : chosen })}
					/>
				)}
			</td>
			<td>
				<TextInput
					aria-label={t("onboarding.nameOf", { channel })}
					required={taken}
					disabled={!taken}
					maxLength={120}
					value={point.name}
					onChange={(event) => set({ name: event.currentTarget.value })}
				/>
			</td>
			<td>
				{draft.stands ? (
					<span className="dim wrap">{point.id}</span>
				) : (
					<TextInput
						aria-label={t("onboarding.idOf", { channel })}
						required={taken}
						disabled={!taken}
						maxLength={64}
						pattern="[A-Za-z0-9._\-]+"
						value={point.id}
						onChange={(event) => set({ id: event.currentTarget.value })}
					/>
				)}
			</td>
		</tr>
	);
}

/** Kinds with a unit are numbers, the others are states. A count is a number of whatever. */
const kindsOf = ({ written: { type = "number", kind: before } }: DraftPoint) =>
	pointKindSchema.options.filter((kind) => kind === before || (kind !== "door-state" && (type === "number") === (POINT_KINDS[kind] !== null)));
