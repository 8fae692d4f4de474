import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { LeaverDetail } from "../../../../contracts/personnel.ts";
import { leaverQuery, takeCardBack } from "../../api/personnel.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { LeaverClock } from "./LeaverClock.tsx";

/** One leaver: controllers, cards to hand back, and what needs a new sponsor. */
export function LeaverPanel({ id }: { id: string }) {
	const { t } = useTranslation();
	return (
		<section className="panel" aria-label={t("personnel.leaver")} data-testid="leaver">
			<Loaded query={useQuery(leaverQuery(id))} rows={4}>
				{(leaver) => (
					<>
						<div className="panel-head">
							<h2>{leaver.holder.name}</h2>
							<Link to="/access/leavers">{t("personnel.close")}</Link>
						</div>
						<div className="panel-body stack">
							<p className={leaver.clock === "running" ? "is-abnormal" : ""}>
								<LeaverClock leaver={leaver} />
							</p>
							<p>
								{t("personnel.taken", { credentials: leaver.credentials, grants: leaver.grants })}{" "}
								{leaver.accountClosed && t("personnel.accountClosed")}
							</p>
							<Controllers leaver={leaver} />
							<Cards leaver={leaver} />
							<Sponsored leaver={leaver} />
						</div>
					</>
				)}
			</Loaded>
		</section>
	);
}

function Controllers({ leaver }: { leaver: LeaverDetail }) {
	const { t } = useTranslation();
	const outstanding = leaver.controllers.filter(({ confirmedAt }) => confirmedAt === null);
	const done = leaver.controllers.filter(({ confirmedAt }) => confirmedAt !== null);
	return (
		<div className="stack">
			<h3>{t("personnel.controllers")}</h3>
			{leaver.controllers.length === 0 && (
				<p className="dim">{t(leaver.clock === "running" ? "personnel.controllersUnread" : "personnel.noControllers")}</p>
			)}
			<ul>
				{[...outstanding, ...done].map((one) => (
					<li
						key={`${one.controller} ${one.door} ${one.credential}`}
						data-testid="leaver-controller"
						className={one.confirmedAt === null ? "is-abnormal" : "dim"}
					>
						{one.controller}, {one.door}:{" "}
						{one.confirmedAt === null ? (
							<>▲ {t("personnel.outstanding")}</>
						) : (
							<>
								{t("register.confirmedAt")} <When at={one.confirmedAt} />
							</>
						)}
					</li>
				))}
			</ul>
		</div>
	);
}

function Cards({ leaver }: { leaver: LeaverDetail }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const manages = useMay("holders.manage");
	const act = useAct(takeCardBack, ["leavers", "credentials"]);
	return (
		<div className="stack">
			<h3>{t("personnel.cards")}</h3>
			<FormError text={textOf(act.error)} />
			{leaver.cards.length === 0 && <p className="dim">{t("personnel.noCards")}</p>}
			<ul>
				{leaver.cards.map(({ credential, card, state }) => (
					<li key={credential} data-testid="leaver-card" data-state={state} className={state === "outstanding" ? "is-abnormal" : "dim"}>
						{card}: {t(`personnel.cardStates.${state}`)}{" "}
						{manages && state === "outstanding" && (
							<Button size="xs" variant="default" loading={act.pending} onClick={() => act.run({ leaver: leaver.id, credential })}>
								{t("personnel.takeBack")}
								<span className="visually-hidden"> {card}</span>
							</Button>
						)}
					</li>
				))}
			</ul>
			{act.dialog}
		</div>
	);
}

function Sponsored({ leaver }: { leaver: LeaverDetail }) {
	const { t } = useTranslation();
	if (leaver.sponsored.length === 0) return null;
	return (
		<div className="stack">
			<h3>{t("personnel.sponsored")}</h3>
			<ul>
				{leaver.sponsored.map(({ type, id, kind, name }) => (
					<li key={`${type} ${id}`} data-testid="leaver-sponsored">
						{type === "holder" ? (
							<Link to="/access/holders/$holder" params={{ holder: id }} preload={false}>
								{name}
							</Link>
						) : (
							t("personnel.grantFor", { zone: name })
						)}{" "}
						{kind !== null && <span className="dim">{t(`register.holderKinds.${kind}`)}</span>}
					</li>
				))}
			</ul>
		</div>
	);
}
