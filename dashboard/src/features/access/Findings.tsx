import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { FindingView } from "../../../../contracts/access.ts";
import { findingsOfQuery, findingsQuery } from "../../api/access.ts";
import { alarmOfFinding } from "../../live/door-alarms.ts";
import { useLiveState } from "../../live/live-context.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { DoorLink, HolderLink } from "./links.tsx";
import { useFindingText } from "./use-finding-text.ts";
import "./access.css";

/** A denial alone stands among the events. */
const LEFT_OUT: ReadonlySet<string> = new Set(["denied"]);
/** Worth knowing, and nothing to act on. */
const CALM: ReadonlySet<string> = new Set(["after-hours"]);
const SHOWN = 30;

/** What the events tell beyond themselves, the newest first. */
export function Findings() {
	const { t } = useTranslation();
	return <FindingPanel title={t("register.findings")} query={useQuery(findingsQuery)} />;
}

/** What was found at one door. */
export function FindingsOfDoor({ door }: { door: string }) {
	const { t } = useTranslation();
	return <FindingPanel title={t("findingPage.ofDoor")} query={useQuery(findingsOfQuery("door", door))} />;
}

/** What was found about one person; for who may see who they are. */
export function FindingsOfHolder({ holder }: { holder: string }) {
	const { t } = useTranslation();
	return <FindingPanel title={t("findingPage.ofHolder")} query={useQuery(findingsOfQuery("holder", holder))} />;
}

function FindingPanel({ title, query }: { title: string; query: UseQueryResult<FindingView[]> }) {
	const { t } = useTranslation();
	return (
		<section className="panel" aria-labelledby="findings">
			<div className="panel-head">
				<h2 id="findings">{title}</h2>
			</div>
			<Loaded query={query} rows={4}>
				{(all) => {
					const shown = all.filter(({ kind }) => !LEFT_OUT.has(kind)).slice(0, SHOWN);
					if (shown.length === 0) return <Empty title={t("register.noFindings")} />;
					return (
						<ol className="findings">
							{shown.map((finding) => (
								<Finding key={finding.id} finding={finding} />
							))}
						</ol>
					);
				}}
			</Loaded>
		</section>
	);
}

function Finding({ finding }: { finding: FindingView }) {
	const { t } = useTranslation();
	const format = useFormat();
	const { doors } = useSite();
	const textOf = useFindingText();
	const calm = CALM.has(finding.kind);
	const alarm = useLiveState(({ alarms }) => (calm ? undefined : alarmOfFinding(finding, alarms.open, doors)));
	const loud = !finding.late && !calm;
	return (
		<li data-testid="finding-row" data-kind={finding.kind}>
			<div className="finding-head">
				<span className={loud ? "is-abnormal" : ""}>{t(`register.kinds.${finding.kind}`)}</span>
				{finding.late && <span className="tag">{t("access.late")}</span>}
				{alarm && (
					<Link to="/alarms" search={{ alarm: alarm.id }} data-testid="finding-alarm">
						{t("findingPage.toAlarm")}
					</Link>
				)}
				<time className="dim" dateTime={finding.at}>
					{format.dateTime(Date.parse(finding.at))}
				</time>
			</div>
			<p data-testid="finding-detail">{textOf(finding)}</p>
			<p className="finding-who dim">
				{finding.door !== null && <DoorLink door={finding.door} />}
				{finding.holder !== null && <HolderLink holder={finding.holder} />}
			</p>
		</li>
	);
}
