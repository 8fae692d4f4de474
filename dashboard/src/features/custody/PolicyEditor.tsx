import { Button, NumberInput, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { METHODS } from "../../../../contracts/media.ts";
import type { SanitizationPolicy } from "../../../../contracts/media-orders.ts";
import { fieldText, useServerWords } from "../../i18n/server-words.ts";
import { ProposeDialog } from "../changes/ProposeDialog.tsx";
import { PolicyGrid } from "./PolicyGrid.tsx";
import { PolicyRulesEditor } from "./PolicyRules.tsx";
import {
	CELLS,
	COERCIVITIES,
	cellOf,
	cellProblems,
	draftOf,
	isSame,
	LIMITS,
	type PolicyDraft,
	policyOf,
	readCell,
	readModels,
} from "./policy-draft.ts";

/** Writes another policy over the one in force; it is proposed by one and approved by another. */
export function PolicyEditor({ version, policy, onClose }: { version: number; policy: SanitizationPolicy; onClose: () => void }) {
	const { t } = useTranslation();
	const words = useServerWords();
	const [draft, setDraft] = useState<PolicyDraft>(() => draftOf(policy));
	const [proposing, setProposing] = useState(false);
	const read = policyOf(draft);
	const written = "policy" in read ? read.policy : null;
	const changed = written !== null && !isSame(policy, written);
	const numbers = [...COERCIVITIES.map((name) => draft.coercivityOe[name]), ...LIMITS.map((name) => draft.limits[name])];
	const allowed = CELLS.every(({ type, cell }) => cellProblems(type, draft.cells[cell]).length === 0);
	const ready = changed && allowed && numbers.every((one) => one > 0);
	const wrongModel = readModels(draft.models, draft.coercivityOe).wrong;
	return (
		<>
			<p className="note">{t("custody.chainsHint")}</p>
			<PolicyGrid
				title={t("custody.proposePolicy")}
				testId="policy-editor"
				edited
				cell={(type, classification) => {
					const cell = cellOf(type, classification);
					const { wrong } = readCell(draft.cells[cell]);
					const [problem] = cellProblems(type, draft.cells[cell]);
					const names = { type: t(`custody.types.${type}`), class: t(`custody.classes.${classification}`) };
					const unreadable = wrong !== null && t("custody.chainsWrong", { line: wrong, methods: METHODS.join(", ") });
					return (
						<td key={classification}>
							<Textarea
								name={cell}
								aria-label={`${names.type}, ${names.class}`}
								autosize
								minRows={2}
								spellCheck={false}
								error={unreadable || (problem && fieldText(words, problem))}
								value={draft.cells[cell]}
								onChange={(event) => setDraft({ ...draft, cells: { ...draft.cells, [cell]: event.currentTarget.value } })}
							/>
						</td>
					);
				}}
			/>
			<section className="panel panel-body filters" aria-label={t("custody.limits")}>
				{COERCIVITIES.map((name) => (
					<NumberInput
						key={name}
						label={`${t("custody.coercivities")}: ${t(`custody.types.${name}`)}`}
						min={1}
						max={100_000}
						hideControls
						value={draft.coercivityOe[name]}
						onChange={(value) => setDraft({ ...draft, coercivityOe: { ...draft.coercivityOe, [name]: Number(value) } })}
					/>
				))}
				<Textarea
					name="models"
					label={t("custody.models")}
					description={t("custody.modelsHint")}
					autosize
					minRows={1}
					spellCheck={false}
					error={wrongModel !== null && t("custody.modelsWrong", { line: wrongModel })}
					value={draft.models}
					onChange={(event) => setDraft({ ...draft, models: event.currentTarget.value })}
				/>
				{LIMITS.map((name) => (
					<NumberInput
						key={name}
						label={t(`custody.limitNames.${name}`)}
						min={1}
						allowDecimal={false}
						hideControls
						value={draft.limits[name]}
						onChange={(value) => setDraft({ ...draft, limits: { ...draft.limits, [name]: Number(value) } })}
					/>
				))}
			</section>
			<PolicyRulesEditor rules={draft} onChange={({ photos, deviations }) => setDraft({ ...draft, photos, deviations })} />
			<div className="actions">
				<Button variant="default" onClick={onClose}>
					{t("alarm.cancel")}
				</Button>
				<Button className="primary" disabled={!ready} onClick={() => setProposing(true)}>
					{t("change.propose")}
				</Button>
				{written !== null && !changed && <span className="dim">{t("custody.unchanged")}</span>}
			</div>
			{proposing && written && (
				<ProposeDialog
					title={t("custody.proposePolicy")}
					subject={t("custody.policySubject", { version })}
					testId="propose-policy"
					reasonFirst
					proposal={(reason) => ({ kind: "media-policy", policy: written, reason })}
					onClose={() => setProposing(false)}
					onDone={onClose}
				>
					<p className="note">{t("custody.approveWhere")}</p>
				</ProposeDialog>
			)}
		</>
	);
}
