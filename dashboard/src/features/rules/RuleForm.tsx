import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Replay } from "../../../../contracts/rule-replay.ts";
import type { RuleText } from "../../../../contracts/rule-text.ts";
import { type BookedRule, proposeRule } from "../../api/rule-book.ts";
import { FormError } from "../../ui/FormError.tsx";
import { ReasonField } from "../changes/ReasonField.tsx";
import { errorsOf, FieldErrors } from "../session/FieldErrors.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { ForbiddenPage } from "../shell/ForbiddenPage.tsx";
import { ReplayPanel } from "./ReplayPanel.tsx";
import { RuleFields } from "./RuleFields.tsx";
import { type DraftErrors, definitionOf, draftOf, type RuleDraft, type Suggestion, type Trouble } from "./rule-draft.ts";
import { useRuleWords } from "./use-rule-words.ts";
import "./rules.css";

/** What a replay was run of, and what it found. */
export interface Replayed {
	of: string;
	replay: Replay;
}
interface RuleFormProps {
	/** What it begins with. */
	draft: RuleDraft;
	/** `null`: a new rule. */
	inForce: BookedRule | null;
	/** What of the draft is suggested, not in force. */
	suggestions: readonly Suggestion[];
	troubles: readonly Trouble[];
}

/** Changes or adds a rule: written, replayed over stored history, proposed with a reason; somebody else decides (ALM-9). */
export function RuleForm(props: RuleFormProps) {
	return useMay("rules.propose") ? <Form {...props} /> : <ForbiddenPage permission="rules.propose" />;
}

const NO_ERRORS: DraftErrors = {};

function Form({ draft: first, inForce, suggestions, troubles }: RuleFormProps) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const navigate = useNavigate();
	const [draft, setDraft] = useState(first);
	const [reason, setReason] = useState("");
	const [replayed, setReplayed] = useState<Replayed | null>(null);
	// A form that nobody has touched complains of nothing.
	const [checked, setChecked] = useState(false);
	const { definition, errors } = definitionOf(draft);
	const act = useAct(proposeRule, ["changes"], ({ id }) => void navigate({ to: "/changes", search: { tab: "mine", change: id } }));
	const isNew = inForce === null;
	const id = draft.texts.id ?? "";
	const unchanged = definition !== null && inForce !== null && JSON.stringify(definition) === JSON.stringify(inForce.written);
	const fits = definition !== null && replayed?.of === JSON.stringify(definition);
	/** What the form says, or nothing and the fields that are wrong are marked. */
	const check = (): RuleText | null => {
		setChecked(true);
		return definition;
	};
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const checkedRule = check();
		if (!checkedRule || act.pending || unchanged || !fits || !replayed) return;
		act.run({
			rule: id,
			change: { act: "set", definition: checkedRule },
			reason: reason.trim(),
			replay: replayed.replay.id,
		});
	};
	const wrong = Object.keys(errors ?? NO_ERRORS).length;
	return (
		<div className="page">
			<div className="page-head">
				<h1>{isNew ? t("rule.form.newTitle") : t("rule.form.changeTitle", { name: inForce.rule.name })}</h1>
				{isNew ? (
					<Link to="/rules">{t("rule.back")}</Link>
				) : (
					<Link to="/rules/$rule" params={{ rule: id }}>
						{inForce.rule.id}
					</Link>
				)}
			</div>
			{troubles.length > 0 && inForce && (
				<Suggested suggestions={suggestions} troubles={troubles} inForce={inForce} onTakeBack={() => setDraft(draftOf(inForce.written))} />
			)}
			<form onSubmit={submit} className="stack" data-testid="rule-form" noValidate>
				<RuleFields draft={draft} errors={checked && errors ? errors : NO_ERRORS} isNew={isNew} onChange={setDraft} />
				{checked && wrong > 0 && <p className="form-error">{t("rule.form.wrong", { count: wrong })}</p>}
				<ReplayPanel check={check} replayed={replayed} fits={fits} onReplayed={setReplayed} />
				<section className="panel panel-body stack" aria-labelledby="rule-propose">
					<h2 id="rule-propose">{t("rule.propose.title")}</h2>
					<FormError text={textOf(act.error)} />
					<div role="status">
						<FieldErrors errors={errorsOf(act.error)} />
					</div>
					<ReasonField value={reason} description={t("rule.propose.reasonHint")} onChange={setReason} />
					<div className="actions">
						<Button type="submit" className="primary" loading={act.pending} disabled={reason.trim().length < 3 || unchanged || !fits}>
							{t("rule.propose.send")}
						</Button>
						<span className="dim">{unchanged ? t("rule.form.unchanged") : !fits && t("rule.propose.needsReplay")}</span>
					</div>
				</section>
			</form>
			{act.dialog}
		</div>
	);
}

/** Why a change is thought of, and what of the form is only suggested. */
function Suggested(props: { suggestions: readonly Suggestion[]; troubles: readonly Trouble[]; inForce: BookedRule; onTakeBack: () => void }) {
	const { t } = useTranslation();
	const words = useRuleWords();
	const { suggestions, troubles, inForce, onTakeBack } = props;
	const saidOf = ({ field, value }: Suggestion) => (field === "deadband" ? value : words.durationText(value));
	return (
		<section className="note stack" aria-label={t("rule.form.suggested")} data-testid="rule-suggestions">
			{troubles.map((trouble) => (
				<p key={trouble}>{t(`rule.form.because.${trouble}`)}</p>
			))}
			{suggestions.length > 0 && (
				<>
					<p>
						<strong>{t("rule.form.suggested")}</strong>
						{t("rule.says.colon")}
						{suggestions
							.map((one) =>
								t("rule.form.suggestion", {
									field: words.fieldName(one.field),
									value: saidOf(one),
									was: words.field(inForce.rule, one.field) ?? t("rule.absent"),
								}),
							)
							.join(t("rule.says.semicolon"))}
					</p>
					<div>
						<Button size="xs" variant="default" onClick={onTakeBack}>
							{t("rule.form.takeBack")}
						</Button>
					</div>
				</>
			)}
		</section>
	);
}
