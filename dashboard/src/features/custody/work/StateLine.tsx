import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../../ui/site-context.ts";
import type { Person } from "./queue.ts";
import type { WorkState } from "./use-work.ts";

/** Whether the server knows everything, and if not, what it waits for. Always on the screen. */
export function StateLine(props: {
	state: WorkState;
	account: Person;
	/** Whose steps wait for a log-in of theirs on this device. */
	others: readonly Person[];
	onSwitch: () => void;
	onLogIn: () => void;
	onConfirm: () => void;
}) {
	const { t } = useTranslation();
	const format = useFormat();
	const { state, account, others, onSwitch, onLogIn, onConfirm } = props;
	const { steps, stopped, session, online, sending, confirm, work } = state;
	const refused = steps.filter((step) => step.refused !== null);
	const waiting = steps.length - refused.length;
	const signedOut = session === null;
	const level = refused.length + stopped.length > 0 ? "is-refused" : waiting > 0 || !online ? "is-waiting" : "";
	return (
		<section className={`work-state ${level}`} aria-label={t("work.stateLabel")}>
			<p role="status" data-testid="work-state" data-online={online} data-waiting={waiting} data-refused={refused.length}>
				<strong>{online ? t("work.online") : t("work.offline")}</strong>{" "}
				{waiting === 0 ? t("work.allTold") : sending ? t("work.sending", { count: waiting }) : t("work.notTold", { count: waiting })}
				{work && !online && ` ${t("work.readAt", { time: format.dateTime(work.readAt) })}`}
			</p>
			{refused.length > 0 && <p className="is-abnormal">▲ {t("work.refused", { count: refused.length })}</p>}
			{stopped.length > 0 && (
				<p className="is-abnormal" role="alert">
					▲{" "}
					{t("work.stopped", {
						serials: stopped.map(({ medium }) => state.work?.media.find(({ id }) => id === medium)?.serial ?? medium).join(", "),
					})}{" "}
					<Button size="xs" variant="default" onClick={state.dismissStopped}>
						{t("work.understood")}
					</Button>
				</p>
			)}
			{confirm && session && (
				<Button fullWidth className="primary" onClick={onConfirm} data-testid="work-confirm">
					{t("work.confirm", { name: session.user.name })}
				</Button>
			)}
			{online && signedOut && (
				<Button fullWidth className="primary" onClick={onLogIn} data-testid="work-log-in">
					{t("work.logIn")}
				</Button>
			)}
			{others.length > 0 && <p>{t("work.othersWait", { names: others.map(({ name }) => name).join(", ") })}</p>}
			<div className="work-who">
				<span>{t("work.who", { name: account.name })}</span>
				{online && session && (
					<Button size="xs" variant="default" onClick={onSwitch} data-testid="work-switch">
						{t("work.switch")}
					</Button>
				)}
				<a href="/">{t("work.dashboard")}</a>
			</div>
		</section>
	);
}
