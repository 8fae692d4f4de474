import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MediumView, StepAct } from "../../../../../contracts/media.ts";
import { actsOf } from "../../../../../contracts/media-acts.ts";
import type { Work } from "./device-store.ts";
import type { Person } from "./queue.ts";
import { StepForm } from "./StepForm.tsx";
import type { WorkState } from "./use-work.ts";
import { whereText } from "./where-text.ts";

/** One medium: what it is, what waits, and what can be done with it now. */
export function MediumWork(props: {
	medium: MediumView;
	work: Work;
	account: Person & { mayRelease: boolean };
	state: WorkState;
	onBack: () => void;
}) {
	const { t } = useTranslation();
	const { medium, work, account, state, onBack } = props;
	const order = work.orders.find(({ id }) => id === medium.batch);
	const colleagues = order?.people.filter(({ id }) => id !== account.id) ?? [];
	const [who, setWho] = useState(account.id);
	const [act, setAct] = useState<StepAct | null>(null);
	const [kept, setKept] = useState<StepAct | null>(null);
	const by = colleagues.find(({ id }) => id === who) ?? account;
	const where = whereText(medium, work);
	const waiting = state.steps.filter((step) => step.medium === medium.id);
	const refused = waiting.find((step) => step.refused !== null);
	const acts = refused ? [] : actsOf(medium, { account: by.id, mayRelease: account.mayRelease }, Date.now());
	if (act)
		return (
			<StepForm
				act={act}
				medium={medium}
				work={work}
				by={by}
				online={state.online}
				onBack={() => setAct(null)}
				onKeep={async (input, photos) => {
					await state.add(medium.id, by, input, photos);
					setAct(null);
					setKept(act);
				}}
			/>
		);
	return (
		<section aria-labelledby="work-medium-title" className="work-one">
			<Button variant="default" onClick={onBack} data-testid="work-back">
				‹ {t("work.back")}
			</Button>
			<h1 id="work-medium-title" className="work-serial">
				{medium.serial}
			</h1>
			<p data-testid="work-medium-state" data-state={medium.state}>
				<strong className={medium.incident === null ? "" : "is-abnormal"}>
					{medium.incident !== null && "▲ "}
					{t(`custody.states.${medium.state}`)}
				</strong>
				{where !== null && `, ${where}`}
				{medium.seal !== null && `, ${t("work.seal", { seal: medium.seal })}`}
			</p>
			<p className="dim">
				{medium.maker} {medium.model}, {t(`custody.types.${medium.type}`)}, {`${t("custody.class")} ${t(`custody.classes.${medium.classification}`)}`}
				{medium.damaged && `, ${t("work.damaged")}`}
			</p>
			{medium.next.length > 0 && medium.unverified === null && (
				<p>
					{t("work.next")}{" "}
					{medium.next
						.map(({ method, particleMm }) => (particleMm === undefined ? t(`work.acts.${method}`) : `${t(`work.acts.${method}`)} ≤ ${particleMm} mm`))
						.join(t("work.or"))}
				</p>
			)}
			{kept && (
				<p role="status" className="work-kept">
					✓ {t("work.kept", { act: t(`work.acts.${kept}`) })}
				</p>
			)}
			{waiting.length > 0 && (
				<ol className="work-queue" aria-label={t("work.queue")}>
					{waiting.map((step) => (
						<li key={step.number} data-testid="work-queued" data-refused={step.refused !== null}>
							{t(`work.acts.${step.input.act}`)}, {step.by.name}
							{step.refused === null ? (
								` – ${t("work.notYet")}`
							) : (
								<strong className="is-abnormal"> ▲ {t("work.refusedStep", { reason: step.refused })}</strong>
							)}
						</li>
					))}
				</ol>
			)}
			{refused && (
				<div className="work-refused">
					<p>{t("work.giveUpText")}</p>
					<Button variant="default" fullWidth onClick={() => void state.giveUp(refused)} data-testid="work-give-up">
						{t("work.giveUp")}
					</Button>
				</div>
			)}
			{colleagues.length > 0 && (
				<label className="work-field">
					{t("work.doneBy")}
					<select value={who} onChange={(event) => setWho(event.currentTarget.value)} data-testid="work-done-by">
						<option value={account.id}>{account.name}</option>
						{colleagues.map(({ id, name }) => (
							<option key={id} value={id}>
								{name}
							</option>
						))}
					</select>
				</label>
			)}
			{who !== account.id && <p className="dim">{t("work.signsLater", { name: by.name })}</p>}
			<div className="work-acts">
				{acts.map((one) => (
					<Button
						key={one}
						fullWidth
						variant="default"
						className={one === "report" ? "work-report" : "work-act"}
						data-testid={`work-${one}`}
						onClick={() => {
							setKept(null);
							setAct(one);
						}}
					>
						{t(`work.acts.${one}`)}
					</Button>
				))}
			</div>
		</section>
	);
}
