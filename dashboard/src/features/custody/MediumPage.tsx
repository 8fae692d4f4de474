import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { MediumView } from "../../../../contracts/media.ts";
import { batchQuery, mediaIncidentsQuery, mediumQuery, stepsQuery } from "../../api/custody.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { FactRows } from "../../ui/FactRows.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { useMay } from "../session/session-context.ts";
import { CertificateLinks } from "./CertificateLinks.tsx";
import { Chain } from "./Chain.tsx";
import { IncidentActions } from "./EndIncidentDialog.tsx";
import { IncidentList } from "./IncidentList.tsx";
import { useMediaWords } from "./words.ts";
import "./custody.css";

const route = getRouteApi("/media/$medium");

/** One medium: what it is, who has it, what comes next, and all that was done with it. */
export function MediumPage() {
	const { medium } = route.useParams();
	return <Loaded query={useQuery(mediumQuery(medium))}>{(view) => <Medium medium={view} />}</Loaded>;
}

function Medium({ medium }: { medium: MediumView }) {
	const { t } = useTranslation();
	const handles = useMay("media.handle");
	const incidents = useQuery(mediaIncidentsQuery({ medium: medium.id })).data ?? [];
	const open = incidents.filter(({ closedAt }) => closedAt === null);
	const ended = incidents.filter(({ closedAt }) => closedAt !== null);
	return (
		<div className="page" data-testid="medium" data-state={medium.state}>
			<div className="page-head">
				<h1 className="wrap">{medium.serial}</h1>
				<span className={medium.incident === null ? "" : "is-abnormal"}>
					{medium.incident !== null && "▲ "}
					{t(`custody.states.${medium.state}`)}
				</span>
				<Link to="/media/batches/$batch" params={{ batch: medium.batch }}>
					{t("custody.order")}
				</Link>
				{handles && medium.acts.length > 0 && (
					<a className="media-step" href={`/work.html#${medium.id}`} data-testid="make-step">
						{t("custody.makeStep")}
					</a>
				)}
				<CertificateLinks of={{ medium: medium.id }} order={medium.batch} certificate={medium.certificate} />
			</div>
			{open.length > 0 && (
				<section className="panel is-wrong" aria-label={t("custody.openIncidents")}>
					<IncidentList incidents={open} actions={(incident) => <IncidentActions incident={incident} />} />
				</section>
			)}
			<section className="panel panel-body" aria-labelledby="next">
				<h2 id="next">{t("custody.next")}</h2>
				<p className="media-next" data-testid="next">
					<Next medium={medium} />
				</p>
			</section>
			<Facts medium={medium} />
			<section className="panel" aria-labelledby="chain">
				<div className="panel-head">
					<h2 id="chain">{t("custody.chain")}</h2>
				</div>
				<Loaded query={useQuery(stepsQuery(medium.id))} rows={5}>
					{(steps) => (steps.length === 0 ? <Empty title={t("custody.noSteps")} /> : <Chain steps={steps} />)}
				</Loaded>
			</section>
			{ended.length > 0 && (
				<section className="panel" aria-labelledby="ended">
					<div className="panel-head">
						<h2 id="ended">{t("custody.endedIncidents")}</h2>
					</div>
					<IncidentList incidents={ended} />
				</section>
			)}
		</div>
	);
}

function Next({ medium }: { medium: MediumView }) {
	const { t } = useTranslation();
	const format = useFormat();
	const words = useMediaWords();
	const destination = useQuery({ ...batchQuery(medium.batch), enabled: medium.state === "destroyed" }).data?.destination;
	const { custody, incident, offer, state, unverified, next } = medium;
	if (incident !== null) return t("custody.nextStopped");
	if (state === "lost" || custody.kind === "gone") return t("custody.nextOver");
	if (custody.kind === "bay") return t("custody.nextRemove");
	if (offer) return t("custody.nextAccept", { name: offer.to.name, time: format.dateTime(Date.parse(offer.expiresAt)) });
	if (unverified) return t("custody.nextVerify", { method: words.step(unverified), name: unverified.by.name });
	if (next.length > 0) return t("custody.nextMethods", { methods: next.map(words.step).join(t("custody.or")) });
	const where = destination
		? t("custody.destinationOf", { kind: t(`custody.destinations.${destination.kind}`), organisation: destination.organisation })
		: "–";
	return t("custody.nextRelease", { destination: where });
}

function Facts({ medium }: { medium: MediumView }) {
	const { t } = useTranslation();
	const format = useFormat();
	const words = useMediaWords();
	const { custody, source, capacityBytes, coercivityOe } = medium;
	const facts: readonly (readonly [string, string])[] = [
		[t("custody.sealOf"), medium.seal ?? t("custody.noSeal")],
		[t("custody.done"), medium.done.length === 0 ? t("custody.nothingDone") : medium.done.map(words.step).join(t("custody.andThen"))],
		[t("custody.model"), `${medium.maker} ${medium.model}`],
		[t("custody.type"), `${t(`custody.types.${medium.type}`)}${medium.damaged ? `, ${t("custody.damaged")}` : ""}`],
		[t("custody.class"), t(`custody.classes.${medium.classification}`)],
		...(capacityBytes === null ? [] : [[t("custody.capacity"), format.number(capacityBytes / 1e9)] as const]),
		...(coercivityOe === null ? [] : [[t("custody.coercivity"), format.number(coercivityOe)] as const]),
		...(medium.property === null ? [] : [[t("custody.property"), medium.property] as const]),
		...(source === null ? [] : [[t("custody.source"), `${source.asset}, ${source.bay}`] as const]),
		[t("custody.why"), medium.why],
	];
	return (
		<section className="panel panel-body" aria-label={t("custody.medium")}>
			<dl className="facts">
				<div>
					<dt>{t("custody.whereTitle")}</dt>
					<dd className={medium.overdue ? "is-abnormal" : ""}>
						{medium.overdue && `▲ ${t("custody.overdue")}: `}
						{words.where(medium)} {custody.kind !== "bay" && <AgeText at={Date.parse(custody.since)} short event />}
					</dd>
				</div>
				<FactRows facts={facts} />
				<div>
					<dt>{t("custody.policy")}</dt>
					<dd>
						<Link to="/media/policy" search={{ version: String(medium.policy) }}>
							{t("custody.policyOf", { version: medium.policy })}
						</Link>
					</dd>
				</div>
			</dl>
		</section>
	);
}
