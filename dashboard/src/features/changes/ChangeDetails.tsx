import { Button, Textarea } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChangeView } from "../../../../contracts/changes.ts";
import { decideChange } from "../../api/people.ts";
import { changeTitle, useServerWords } from "../../i18n/server-words.ts";
import { useNow } from "../../live/live-context.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Loading } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { ruleChangeSchema } from "../rules/rule-sides.ts";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { DeviceWords } from "./DeviceWords.tsx";

const RuleChange = lazy(() => import("../rules/RuleChange.tsx").then((module) => ({ default: module.RuleChange })));

/** One change with its before and after, and what one may do about it. */
export function ChangeDetails({ change, onClose }: { change: ChangeView; onClose: () => void }) {
	const { t } = useTranslation();
	const format = useFormat();
	const now = useNow();
	const readsLedger = useMay("ledger.read");
	const words = useServerWords();
	const pending = change.state === "pending";
	return (
		<section className="panel detail" aria-label={t("change.details")} data-testid="change-details" data-state={change.state}>
			<div className="panel-head">
				<h2>{changeTitle(words, change)}</h2>
				<button type="button" className="icon-button" aria-label={t("alarm.close")} onClick={onClose}>
					×
				</button>
			</div>
			<div className="panel-body stack">
				<dl className="facts">
					<div>
						<dt>{t("change.by")}</dt>
						<dd>
							{change.proposedBy.name}, <When at={change.proposedAt} />
						</dd>
					</div>
					<div>
						<dt>{pending ? t("change.expires") : t("change.state")}</dt>
						<dd>{pending ? t("change.expiresIn", { age: format.age(Date.parse(change.expiresAt) - now) }) : t(`change.states.${change.state}`)}</dd>
					</div>
					{change.decidedBy && (
						<div>
							<dt>{t("change.decidedBy")}</dt>
							<dd>
								{change.decidedBy.name}, <When at={change.decidedAt} />
							</dd>
						</div>
					)}
				</dl>
				<div>
					<h3>{t("change.reason")}</h3>
					<p className="wrap">{change.reason}</p>
				</div>
				{change.kind === "device" && <DeviceWords change={change} />}
				<Sides change={change} />
				{change.comment !== null && (
					<div>
						<h3>{t("alarm.comment")}</h3>
						<p className="wrap">{change.comment}</p>
					</div>
				)}
				{change.ledgerIndex !== null && readsLedger && (
					<Link to="/ledger/$index" params={{ index: String(change.ledgerIndex) }}>
						{t("change.proof", { index: change.ledgerIndex })}
					</Link>
				)}
				{pending && <Decision change={change} />}
			</div>
		</section>
	);
}

/** The subject as it was and as it shall be: of a rule in words, of all else as it is kept. */
function Sides({ change }: { change: ChangeView }) {
	const { t } = useTranslation();
	const rule = change.kind === "rule" ? ruleChangeSchema.safeParse(change) : null;
	if (rule?.success)
		return (
			<Suspense fallback={<Loading rows={6} />}>
				<RuleChange id={change.subject} change={rule.data} />
			</Suspense>
		);
	return (
		<div className="two-columns">
			{(["before", "after"] as const).map((side) => (
				<div key={side}>
					<h3>{t(`change.${side}`)}</h3>
					<pre className="pre">{JSON.stringify(change[side], null, 1)}</pre>
				</div>
			))}
		</div>
	);
}

function Decision({ change }: { change: ChangeView }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const own = useSession().user.id === change.proposedBy.id;
	const [comment, setComment] = useState("");
	const act = useAct(decideChange, ["changes", "users", "ledger", "ledger-entries", "session", "rules"]);
	const decide = (verdict: "approve" | "reject" | "withdraw") => act.run({ id: change.id, act: verdict, comment: comment.trim() });
	return (
		<div className="stack">
			{!change.decidable && change.undecidableBecause !== null && <p className="note">{change.undecidableBecause}</p>}
			<FormError text={textOf(act.error)} />
			{(change.decidable || own) && (
				<Textarea label={t("alarm.comment")} maxLength={2000} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
			)}
			<div className="actions">
				{change.decidable && (
					<>
						<Button className="primary" loading={act.pending} onClick={() => decide("approve")}>
							{t("change.approve")}
						</Button>
						<Button variant="default" loading={act.pending} onClick={() => decide("reject")}>
							{t("change.reject")}
						</Button>
					</>
				)}
				{own && (
					<Button variant="default" loading={act.pending} onClick={() => decide("withdraw")}>
						{t("change.withdraw")}
					</Button>
				)}
			</div>
			{act.dialog}
		</div>
	);
}
