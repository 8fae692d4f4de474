import { useTranslation } from "react-i18next";
import { usePreference } from "../../ui/preferences.ts";

const KEYS = [
	[["j", "k"], "move"],
	[["1"], "keep"],
	[["2"], "revoke"],
	[["3"], "change"],
	[["x"], "takeBack"],
	[["u"], "undo"],
	[["s"], "select"],
	[["e"], "details"],
] as const;

/** The keys of the workbench. */
export function KeyLegend() {
	const { t } = useTranslation();
	const enabled = usePreference((preferences) => preferences.shortcuts);
	return (
		<section className="panel panel-body review-keys" aria-label={t("review.keysTitle")}>
			{enabled ? (
				<ul>
					{KEYS.map(([keys, name]) => (
						<li key={name}>
							{keys.map((key) => (
								<kbd key={key}>{key}</kbd>
							))}
							{t(`review.keys.${name}`)}
						</li>
					))}
				</ul>
			) : (
				<p className="dim">{t("review.keysOff")}</p>
			)}
		</section>
	);
}
