import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { FindingView } from "../../../../contracts/access.ts";
import { findingsQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";

/** A denial alone stands among the events. */
const LEFT_OUT: ReadonlySet<string> = new Set(["denied"]);
/** Worth knowing, and nothing to act on. */
const CALM: ReadonlySet<string> = new Set(["after-hours"]);

/** What the events tell beyond themselves, the newest first. */
export function Findings() {
	const { t } = useTranslation();
	const format = useFormat();
	const findings = useQuery(findingsQuery);
	return (
		<section className="panel" aria-labelledby="findings">
			<div className="panel-head">
				<h2 id="findings">{t("register.findings")}</h2>
			</div>
			<Loaded query={findings} rows={4}>
				{(all) => {
					const shown = all.filter(({ kind }) => !LEFT_OUT.has(kind)).slice(0, 30);
					return shown.length === 0 ? (
						<Empty title={t("register.noFindings")} />
					) : (
						<ol className="feed">
							{shown.map((finding) => (
								<li
									key={finding.id}
									data-testid="finding-row"
									data-kind={finding.kind}
									className={finding.late || CALM.has(finding.kind) ? "" : "is-denied"}
								>
									<time dateTime={finding.at}>{format.dateTime(Date.parse(finding.at))}</time>
									<span className="feed-result">{t(`register.kinds.${finding.kind}`)}</span>
									<span className="feed-holder">
										<Person finding={finding} />
									</span>
									<span className="feed-door">
										{finding.doorName}
										{finding.late && <span className="tag">{t("access.late")}</span>}
									</span>
								</li>
							))}
						</ol>
					);
				}}
			</Loaded>
		</section>
	);
}

function Person({ finding: { holder } }: { finding: FindingView }) {
	if (holder === null) return <span className="dim">–</span>;
	return (
		<Link to="/access/holders/$holder" params={{ holder: holder.id }} preload={false}>
			{holder.name}
		</Link>
	);
}
