import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ControllerView } from "../../../../contracts/controllers.ts";
import { controllersQuery, driftQuery, removalsQuery, workAtController } from "../../api/access.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { DriftTable } from "./DriftTable.tsx";
import { ListState } from "./ListState.tsx";
import { DoorLink } from "./links.tsx";
import { Removals } from "./Removals.tsx";
import "./access.css";

const route = getRouteApi("/access/controllers/$controller");

/** One door controller: the list that it should hold, what was read back of it, what is still to be taken from it. */
export function ControllerPage() {
	const { t } = useTranslation();
	const { controller: id } = route.useParams();
	return (
		<Loaded query={useQuery(controllersQuery)} rows={8}>
			{(list) => {
				const controller = list.find((one) => one.id === id);
				return controller ? <Controller controller={controller} /> : <Empty title={t("error.notFound")} hint={id} />;
			}}
		</Loaded>
	);
}

function Controller({ controller }: { controller: ControllerView }) {
	const { t } = useTranslation();
	const { id, online, checkedAt } = controller;
	const manages = useMay("controllers.manage");
	const textOf = useProblemText();
	const work = useAct(workAtController, ["controllers", "removals", "drift"]);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{controller.name}</h1>
				<StatusMark status={online ? "online" : "offline"} />
				<Link to="/access/controllers">{t("register.allControllers")}</Link>
				<Link to="/devices/$device" params={{ device: id }}>
					{t("register.asDevice")}
				</Link>
				{manages && (
					<div className="actions">
						{(["check", "repair"] as const).map((act) => (
							<Button key={act} size="xs" variant="default" loading={work.pending} onClick={() => work.run({ id, act })}>
								{t(`register.${act}`)}
							</Button>
						))}
					</div>
				)}
			</div>
			<FormError text={textOf(work.error)} />
			{checkedAt === null && (
				<p className="note" data-testid="never-read">
					{t("register.neverRead")}
				</p>
			)}
			{!online && checkedAt !== null && (
				<p className="note is-abnormal" data-testid="not-heard">
					{t("register.notHeard")} <When at={checkedAt} />
				</p>
			)}
			<Facts controller={controller} />
			<Drift controller={controller} />
			<Removals title={t("register.removals")} query={useQuery(removalsQuery(id))} />
			{work.dialog}
		</div>
	);
}

function Facts({ controller }: { controller: ControllerView }) {
	const { t } = useTranslation();
	const { doors, entries, held, checkedAt, confirmedAt, failure, unconfirmedRemovals, oldestUnconfirmedAt } = controller;
	return (
		<section className="panel panel-body" aria-label={t("register.list")}>
			<dl className="facts" data-testid="controller-facts" data-state={controller.state}>
				<div>
					<dt>{t("register.list")}</dt>
					<dd>
						<ListState controller={controller} />
					</dd>
				</div>
				<div>
					<dt>{t("register.entriesWanted")}</dt>
					<dd data-testid="entries-wanted">{entries}</dd>
				</div>
				<div>
					<dt>{t("register.entriesHeld")}</dt>
					<dd>
						<span data-testid="entries-held">{held ?? "–"}</span>{" "}
						<span className="dim">
							<When at={checkedAt} />
						</span>
					</dd>
				</div>
				<div>
					<dt>{t("register.confirmedAt")}</dt>
					<dd>
						<When at={confirmedAt} />
					</dd>
				</div>
				<div>
					<dt>{t("register.unconfirmed")}</dt>
					<dd className={unconfirmedRemovals > 0 ? "is-abnormal" : ""}>
						{unconfirmedRemovals} {oldestUnconfirmedAt && <When at={oldestUnconfirmedAt} />}
					</dd>
				</div>
				{failure && (
					<div>
						<dt>{t("register.failing")}</dt>
						<dd>
							<When at={failure.since} />, {t("register.attempts", { count: failure.attempts })}
							<div className="dim">
								{t("register.nextTry")} <When at={failure.nextTry} />
							</div>
						</dd>
					</div>
				)}
				<div>
					<dt>{t("register.doors")}</dt>
					<dd>
						{doors.map((door, at) => (
							<span key={door}>
								{at > 0 && ", "}
								<DoorLink door={door} />
							</span>
						))}
						{doors.length === 0 && "–"}
					</dd>
				</div>
			</dl>
		</section>
	);
}

/** The last drift, entry by entry; kept when it is repaired. */
function Drift({ controller: { id, drift, checkedAt } }: { controller: ControllerView }) {
	const { t } = useTranslation();
	const entries = useQuery({ ...driftQuery(id, drift), enabled: drift !== null });
	return (
		<section className="panel" aria-labelledby="drift">
			<div className="panel-head">
				<h2 id="drift">{t("register.drift.title")}</h2>
				{drift && (
					<span className={drift.repairedAt === null ? "is-abnormal" : "dim"}>
						{t("register.drift.found")} <When at={drift.foundAt} />
						{"; "}
						{drift.repairedAt === null ? (
							t("register.drift.lasts")
						) : (
							<>
								{t("register.drift.repaired")} <When at={drift.repairedAt} />
							</>
						)}
					</span>
				)}
			</div>
			{drift === null ? (
				<Empty title={t(checkedAt === null ? "register.drift.unknown" : "register.drift.never")} />
			) : (
				<Loaded query={entries} rows={4}>
					{({ driftEntries }) =>
						driftEntries.length === 0 ? (
							<Empty title={t("register.drift.noEntries")} hint={drift.detail} />
						) : (
							<>
								{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard */}
								<div className="drift-scroll" tabIndex={0}>
									<DriftTable entries={driftEntries} />
								</div>
								{drift.missing + drift.extra + drift.different > driftEntries.length && (
									<p className="note">{t("register.drift.more", { count: drift.missing + drift.extra + drift.different - driftEntries.length })}</p>
								)}
							</>
						)
					}
				</Loaded>
			)}
		</section>
	);
}
