import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Replay } from "../../../../contracts/rule-replay.ts";
import type { RuleText } from "../../../../contracts/rule-text.ts";
import { ProblemError } from "../../api/problem-error.ts";
import { replayRule } from "../../api/rule-book.ts";
import { FormError } from "../../ui/FormError.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { dayOf, instantOf } from "../../ui/site-time.ts";
import { useProblemText } from "../session/use-problem-text.ts";
import { ReplayFound } from "./ReplayFound.tsx";
import type { Replayed } from "./RuleForm.tsx";

const DAY = 86_400_000;
const DAYS = [1, 7, 14, 30] as const;
const MOST_DAYS = 30;

interface ReplayPanelProps {
	/** The rule as it stands in the form; `null` where something in it is wrong, which is marked then. */
	check: () => RuleText | null;
	replayed: Replayed | null;
	/** What was replayed is what stands in the form. */
	fits: boolean;
	onReplayed: (replayed: Replayed) => void;
}

/** Runs the rule of the form over days of stored history and shows what came of it, beside the rule in force. */
export function ReplayPanel({ check, replayed, fits, onReplayed }: ReplayPanelProps) {
	const { t } = useTranslation();
	const { timeZone } = useSite();
	const [days, setDays] = useState<number | null>(MOST_DAYS);
	const [own, setOwn] = useState(() => ({ from: dayOf(Date.now() - 7 * DAY, timeZone), to: dayOf(Date.now(), timeZone) }));
	const [badPeriod, setBadPeriod] = useState(false);
	const run = useMutation({
		mutationFn: replayRule,
		onSuccess: (replay: Replay, { rule }) => onReplayed({ of: JSON.stringify(rule), replay }),
	});
	const period = () => {
		if (days !== null) return { from: Date.now() - days * DAY, to: Date.now() };
		const from = instantOf(`${own.from}T00:00`, timeZone);
		const last = instantOf(`${own.to}T00:00`, timeZone);
		// The last day counts as a whole, as far as it is over.
		const to = last === null ? null : Math.min(last + DAY, Date.now());
		return from === null || to === null || from >= to || to - from > MOST_DAYS * DAY + 2 * 3_600_000 ? null : { from, to };
	};
	const start = () => {
		const rule = check();
		const window = period();
		setBadPeriod(window === null);
		if (rule && window && !run.isPending) run.mutate({ rule, ...window });
	};
	return (
		<section className="panel" aria-labelledby="rule-replay" data-testid="replay" data-state={run.isPending ? "running" : fits ? "found" : "none"}>
			<div className="panel-head">
				<h2 id="rule-replay">{t("rule.replay.title")}</h2>
			</div>
			<div className="panel-body stack">
				<p className="dim">{t("rule.replay.about")}</p>
				<div className="filters">
					<NativeSelect
						label={t("rule.replay.period")}
						value={days === null ? "" : String(days)}
						data={[
							...DAYS.map((count) => ({ value: String(count), label: t("rule.replay.days", { count }) })),
							{ value: "", label: t("rule.replay.own") },
						]}
						onChange={({ currentTarget: { value } }) => setDays(value === "" ? null : Number(value))}
					/>
					{days === null &&
						(["from", "to"] as const).map((side) => (
							<TextInput
								key={side}
								type="date"
								label={t(`rule.replay.${side}`)}
								value={own[side]}
								onChange={({ currentTarget: { value } }) => setOwn((before) => ({ ...before, [side]: value }))}
							/>
						))}
					<Button variant="default" loading={run.isPending} onClick={start}>
						{t("rule.replay.run")}
					</Button>
				</div>
				{badPeriod && <FormError text={t("rule.replay.badPeriod")} />}
				<div role="status">
					{run.isPending && <Running since={run.submittedAt} days={daysOf(run.variables)} />}
					{!run.isPending && replayed && !fits && <p className="note">{t("rule.replay.outdated")}</p>}
				</div>
				{!run.isPending && <Refused error={run.error} />}
			</div>
			{replayed && !run.isPending && <ReplayFound replay={replayed.replay} dimmed={!fits} />}
		</section>
	);
}

const daysOf = ({ from = 0, to = 0 }: { from?: number; to?: number }) => Math.max(1, Math.round((to - from) / DAY));

function Running({ since, days }: { since: number; days: number }) {
	const { t } = useTranslation();
	const format = useFormat();
	const [now, setNow] = useState(since);
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), 1000);
		return () => clearInterval(timer);
	}, []);
	return <p aria-live="off">{t("rule.replay.running", { days, age: format.age(now - since) })}</p>;
}

/** Why there is no replay, and what may be done about it. */
function Refused({ error }: { error: unknown }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const codes = ["replay-running", "replay-too-large", "history-unavailable"] as const;
	const code = error instanceof ProblemError ? codes.find((one) => one === error.code) : undefined;
	return (
		<>
			<FormError text={textOf(error)} />
			{code && <p>{t(`rule.replay.refused.${code}`)}</p>}
		</>
	);
}
