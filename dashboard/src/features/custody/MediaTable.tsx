import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { MediumView } from "../../../../contracts/media.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { useMediaWords } from "./words.ts";

/** Rows that are drawn: what is wrong first. */
const MOST = 300;
const wrong = ({ incident, overdue }: MediumView) => (incident !== null ? 0 : overdue ? 1 : 2);

/** Media with their states as words, and who has them. */
export function MediaTable({ media, label }: { media: readonly MediumView[]; label: string }) {
	const { t } = useTranslation();
	const words = useMediaWords();
	const shown = [...media].sort((one, other) => wrong(one) - wrong(other) || one.serial.localeCompare(other.serial)).slice(0, MOST);
	return (
		<>
			<table className="plain-table">
				<caption className="visually-hidden">{label}</caption>
				<thead>
					<tr>
						<th scope="col">{t("custody.serial")}</th>
						<th scope="col">{t("custody.state")}</th>
						<th scope="col">{t("custody.whereTitle")}</th>
						<th scope="col" className="only-wide-cell">
							{t("custody.model")}
						</th>
						<th scope="col" className="only-wide-cell">
							{t("custody.type")}
						</th>
						<th scope="col" className="only-wide-cell">
							{t("custody.class")}
						</th>
					</tr>
				</thead>
				<tbody>
					{shown.map((medium) => (
						<tr key={medium.id} data-testid="medium-row" data-serial={medium.serial} data-state={medium.state} data-overdue={medium.overdue}>
							<th scope="row" className="wrap">
								<Link to="/media/$medium" params={{ medium: medium.id }}>
									{medium.serial}
								</Link>
							</th>
							<td className={medium.incident === null ? "" : "is-abnormal"}>
								{medium.incident !== null && "▲ "}
								{t(`custody.states.${medium.state}`)}
							</td>
							<td className={medium.overdue ? "is-abnormal" : ""}>
								{words.where(medium)}{" "}
								{medium.overdue && medium.custody.kind === "person" && (
									<>
										▲ {t("custody.overdue")}, <AgeText at={Date.parse(medium.custody.since)} short event />
									</>
								)}
							</td>
							<td className="only-wide-cell">
								{medium.maker} {medium.model}
							</td>
							<td className="only-wide-cell">
								{t(`custody.types.${medium.type}`)} {medium.damaged && <span className="tag">{t("custody.damaged")}</span>}
							</td>
							<td className="only-wide-cell">{t(`custody.classes.${medium.classification}`)}</td>
						</tr>
					))}
				</tbody>
			</table>
			{media.length > MOST && <p className="note">{t("custody.more", { count: media.length - MOST })}</p>}
		</>
	);
}
