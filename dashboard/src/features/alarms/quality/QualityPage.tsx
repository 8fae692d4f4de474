import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { AlarmQuality } from "../../../../../contracts/alarm-quality.ts";
import { alarmQualityQuery } from "../../../api/alarm-quality.ts";
import { Empty, Loaded } from "../../../ui/Loaded.tsx";
import { useFormat, useSite } from "../../../ui/site-context.ts";
import { When } from "../../../ui/When.tsx";
import { Figures } from "./Figures.tsx";
import { Offenders } from "./Offenders.tsx";
import { Periods } from "./Periods.tsx";
import "./quality.css";

const route = getRouteApi("/alarms/quality");
const RANGES = [
	{ name: "day", days: 1 },
	{ name: "week", days: 7 },
	{ name: "month", days: 30 },
] as const;

/** How well the alarms serve whoever watches them, and which of them don't (ALM-11). */
export function QualityPage() {
	const { t } = useTranslation();
	const site = useSite();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const range = RANGES.find(({ name }) => name === search.range) ?? RANGES[1];
	const wanted = { days: range.days, room: search.room };
	const quality = useQuery(alarmQualityQuery(wanted));
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("alarmQuality.title")}</h1>
				<fieldset className="choice">
					<legend className="visually-hidden">{t("alarmQuality.range")}</legend>
					{RANGES.map(({ name }) => (
						<label key={name}>
							<input
								type="radio"
								name="range"
								checked={name === range.name}
								onChange={() => void navigate({ search: (before) => ({ ...before, range: name }), replace: true })}
							/>
							<span>{t(`alarmQuality.ranges.${name}`)}</span>
						</label>
					))}
				</fieldset>
				<NativeSelect
					size="xs"
					aria-label={t("alarmQuality.room")}
					value={search.room ?? ""}
					onChange={({ currentTarget: { value } }) => void navigate({ search: (before) => ({ ...before, room: value || undefined }), replace: true })}
					data={[{ value: "", label: t("alarmQuality.everywhere") }, ...site.rooms.map(({ id, name }) => ({ value: id, label: name }))]}
				/>
			</div>
			<p className="dim">{t("alarmQuality.about")}</p>
			<Loaded query={quality} rows={12}>
				{(found) => (
					<>
						<div className="two-columns">
							<Figures quality={found} />
							<div className="stack">
								<Acknowledgement quality={found} />
								<Floods quality={found} />
							</div>
						</div>
						<Offenders quality={found} />
					</>
				)}
			</Loaded>
			<Periods wanted={wanted} />
		</div>
	);
}

function Acknowledgement({ quality: { acknowledgement, alarms } }: { quality: AlarmQuality }) {
	const { t } = useTranslation();
	const format = useFormat();
	const { acknowledged, medianMs, p90Ms, late } = acknowledgement;
	const facts = [
		[t("alarmQuality.acknowledged"), `${format.number(acknowledged)} / ${format.number(alarms)}`],
		[t("alarmQuality.median"), medianMs === null ? "–" : format.age(medianMs)],
		[t("alarmQuality.ninety"), p90Ms === null ? "–" : format.age(p90Ms)],
		[t("alarmQuality.late"), format.number(late)],
	] as const;
	return (
		<section className="panel" aria-labelledby="quality-acknowledgement">
			<div className="panel-head">
				<h2 id="quality-acknowledgement">{t("alarmQuality.acknowledgement")}</h2>
			</div>
			<dl className="panel-body quality-facts">
				{facts.map(([name, value]) => (
					<div key={name}>
						<dt className="dim">{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
			</dl>
		</section>
	);
}

function Floods({ quality: { floods } }: { quality: AlarmQuality }) {
	const { t } = useTranslation();
	const format = useFormat();
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
		<section className="panel table-scroll" aria-labelledby="quality-floods" tabIndex={0}>
			<div className="panel-head">
				<h2 id="quality-floods">{t("alarmQuality.floods")}</h2>
			</div>
			{floods.length === 0 ? (
				<Empty title={t("alarmQuality.noFlood")} hint={t("alarmQuality.noFloodHint")} />
			) : (
				<table className="plain-table">
					<thead>
						<tr>
							<th scope="col">{t("alarmQuality.began")}</th>
							<th scope="col">{t("alarmQuality.lasted")}</th>
							<th scope="col" className="number">
								{t("alarmQuality.alarms")}
							</th>
							<th scope="col" className="number">
								{t("alarmQuality.shown")}
							</th>
							<th scope="col" className="number">
								{t("alarmQuality.peak")}
							</th>
						</tr>
					</thead>
					<tbody>
						{floods.map((flood) => (
							<tr key={flood.from} data-testid="flood-row" data-alarms={flood.alarms} data-shown={flood.annunciated}>
								<th scope="row">
									<When at={flood.from} />
								</th>
								<td className={flood.to === null ? "is-abnormal" : ""}>
									{flood.to === null ? t("alarmQuality.goesOn") : format.age(Date.parse(flood.to) - Date.parse(flood.from))}
								</td>
								<td className="number">{format.number(flood.alarms)}</td>
								<td className="number">{format.number(flood.annunciated)}</td>
								<td className="number">{format.number(flood.peak)}</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
		</section>
	);
}
