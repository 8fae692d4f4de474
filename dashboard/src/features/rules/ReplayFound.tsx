import { useTranslation } from "react-i18next";
import type { z } from "zod";
import type { Replay, ReplaySide } from "../../../../contracts/rule-replay.ts";
import { useFormat } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import type { replayEvidenceSchema } from "./rule-sides.ts";

const SHOWN = 15;
type Found = Replay | z.output<typeof replayEvidenceSchema>;
type Counts = Pick<ReplaySide, "watched" | "points" | "fired" | "activeMs">;

/** What a rule would have done, in words and point by point, beside the rule in force. */
export function ReplayFound({ replay, dimmed = false }: { replay: Found; dimmed?: boolean }) {
	const { t } = useTranslation();
	const format = useFormat();
	return (
		<div className={dimmed ? "panel-body stack rule-outdated" : "panel-body stack"} data-testid="replay-found" data-fired={replay.proposed.fired}>
			<p className="dim">
				{t("rule.replay.between", { from: format.moment(Date.parse(replay.from)), to: format.moment(Date.parse(replay.to)) })}
				{"readings" in replay && (
					<>
						{t("rule.says.semicolon")}
						{t("rule.replay.took", { readings: format.number(replay.readings), age: format.age(replay.tookMs) })}
					</>
				)}
			</p>
			<div className="two-columns">
				<Side title={t("rule.replay.proposed")} side={replay.proposed} />
				<Side title={t("rule.replay.inForce")} side={replay.inForce} />
			</div>
			<Points replay={replay} />
		</div>
	);
}

function Side({ title, side }: { title: string; side: Counts | null }) {
	const { t } = useTranslation();
	const format = useFormat();
	const said = (found: Counts) => {
		const { watched, points, fired, activeMs } = found;
		if (watched === 0) return t("rule.replay.nothingWatched");
		const counts = { points: format.number(points), watched: format.number(watched), age: format.age(activeMs) };
		return fired === 0 ? t("rule.replay.never", { watched: counts.watched }) : t("rule.replay.fired", { count: fired, ...counts });
	};
	return (
		<div>
			<h3>{title}</h3>
			<p className="rule-count">{side === null ? "–" : format.number(side.fired)}</p>
			<p>{side === null ? t("rule.replay.noneInForce") : said(side)}</p>
		</div>
	);
}

interface PointRow {
	point: string;
	name: string;
	fired: number;
	activeMs: number;
	longestMs?: number;
	last?: string;
	active?: boolean;
}

/** The points at which either would have fired, the worst first. */
function Points({ replay: { proposed, inForce } }: { replay: Found }) {
	const { t } = useTranslation();
	const format = useFormat();
	const ours: readonly PointRow[] = proposed.worst;
	const theirs: readonly PointRow[] = inForce?.worst ?? [];
	const today = new Map(theirs.map((one) => [one.point, one]));
	const own = new Set(ours.map(({ point }) => point));
	const rows = [
		...ours.map((one) => ({ id: one.point, name: one.name, proposed: one, today: today.get(one.point) })),
		...theirs.filter(({ point }) => !own.has(point)).map((one) => ({ id: one.point, name: one.name, proposed: undefined, today: one })),
	];
	if (rows.length === 0) return null;
	const count = (one: PointRow | undefined) => (one ? `${format.number(one.fired)}×, ${format.age(one.activeMs)}` : "–");
	const whole = ours.every(({ longestMs }) => longestMs !== undefined);
	return (
		<div className="table-scroll">
			<table className="plain-table">
				<thead>
					<tr>
						<th scope="col">{t("rule.replay.point")}</th>
						<th scope="col" className="number">
							{t("rule.replay.proposedShort")}
						</th>
						<th scope="col" className="number">
							{t("rule.replay.todayShort")}
						</th>
						{whole && (
							<>
								<th scope="col" className="number only-wide-cell">
									{t("rule.replay.longest")}
								</th>
								<th scope="col" className="only-wide-cell">
									{t("rule.replay.last")}
								</th>
							</>
						)}
					</tr>
				</thead>
				<tbody>
					{rows.slice(0, SHOWN).map((row) => (
						<tr key={row.id} data-testid="replay-point">
							<th scope="row">
								{row.name} <span className="dim">{row.id}</span>
							</th>
							<td className="number">{count(row.proposed)}</td>
							<td className="number">{count(row.today)}</td>
							{whole && (
								<>
									<td className="number only-wide-cell">{row.proposed?.longestMs === undefined ? "–" : format.age(row.proposed.longestMs)}</td>
									<td className="dim only-wide-cell">
										<When at={row.proposed?.last ?? null} /> {row.proposed?.active && t("rule.replay.goesOn")}
									</td>
								</>
							)}
						</tr>
					))}
				</tbody>
			</table>
			{rows.length > SHOWN && <p className="panel-more dim">{t("rule.replay.more", { count: rows.length - SHOWN })}</p>}
		</div>
	);
}
