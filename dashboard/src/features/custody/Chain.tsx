import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type ChainStepView, handlersQuery, photoUrl } from "../../api/custody.ts";
import { useFormat } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";
import { Moment } from "./Moment.tsx";
import { useStepWords } from "./step-words.ts";

/** A step that is told this much later than it was done says when it was recorded, ms. */
const LATE = 120_000;

/** The chain of custody as a time line, the first step first. */
export function Chain({ steps }: { steps: readonly ChainStepView[] }) {
	const handles = useMay("media.handle");
	const handlers = useQuery({ ...handlersQuery, enabled: handles }).data ?? [];
	const people = new Map([...handlers, ...steps.map(({ by }) => by)].map(({ id, name }) => [id, name]));
	return (
		<ol className="chain">
			{steps.map((step) => (
				<Step key={step.id} step={step} nameOf={(id) => people.get(id) ?? id} />
			))}
		</ol>
	);
}

function Step({ step, nameOf }: { step: ChainStepView; nameOf: (id: string) => string }) {
	const { t } = useTranslation();
	const words = useStepWords(nameOf);
	const readsLedger = useMay("ledger.read");
	const { detail, number, unseen, deviations } = step;
	return (
		<li className={step.incident === null ? "chain-step" : "chain-step is-stopped"} data-testid="chain-step" data-act={step.act}>
			<p>
				<strong>{words.act(step.act)}</strong> <span>{step.by.name}</span>{" "}
				<span className="dim">
					<Moment at={step.at} />, {words.room(step.place)}
				</span>
			</p>
			<Late step={step} />
			{words.told(detail).map((line) => (
				<p key={line} className="wrap">
					{line}
				</p>
			))}
			{words.machine(detail).map((line) => (
				<p key={line} className="dim wrap">
					{line}
				</p>
			))}
			{detail.note && <p className="wrap">“{detail.note}”</p>}
			{deviations.length > 0 && <p data-testid="deviation">▲ {words.deviations(deviations)}</p>}
			{unseen.length > 0 && <p className="is-abnormal">▲ {words.unseen(unseen)}</p>}
			{detail.incident && (
				<p className="is-abnormal wrap">
					▲ {t("custody.stoppedHere")}: {detail.incident.reason}
				</p>
			)}
			{step.photos.length > 0 && (
				<p className="chain-photos">
					{step.photos.map((digest, place) => (
						<a key={digest} href={photoUrl(digest)} target="_blank" rel="noreferrer">
							<img src={photoUrl(digest)} alt={t("custody.photo", { number: place + 1, step: number })} loading="lazy" />
						</a>
					))}
				</p>
			)}
			{readsLedger && (
				<p>
					<Link className="dim" to="/ledger/$index" params={{ index: String(step.ledgerIndex) }}>
						{t("custody.ledgerEntry", { index: step.ledgerIndex })}
					</Link>
				</p>
			)}
		</li>
	);
}

/** When it was recorded, of a step that was told late. */
function Late({ step: { at, recordedAt, queued } }: { step: ChainStepView }) {
	const { t } = useTranslation();
	const format = useFormat();
	const late = Date.parse(recordedAt) - Date.parse(at);
	if (late < LATE && !queued) return null;
	return (
		<p className="dim">
			{t("custody.recordedLate", { time: format.dateTime(Date.parse(recordedAt)), age: format.age(Math.max(late, 0)) })}
			{queued && `; ${t("custody.waited")}`}
		</p>
	);
}
