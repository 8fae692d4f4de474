import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { changeLanguage, LANGUAGE_NAMES, LANGUAGES } from "../../i18n/i18n.ts";
import { usePreference, usePreferencesStore } from "../../ui/preferences.ts";

/** Language, theme and the way to the list of shortcuts. */
export function Settings({ onHelp }: { onHelp?: () => void }) {
	const { t } = useTranslation();
	const store = usePreferencesStore();
	const language = usePreference((preferences) => preferences.language);
	const theme = usePreference((preferences) => preferences.theme);
	const other = theme === "dark" ? "light" : "dark";
	return (
		<div className="settings">
			<NativeSelect
				size="xs"
				aria-label={t("settings.language")}
				value={language}
				data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
				onChange={(event) => {
					const chosen = LANGUAGES.find((known) => known === event.currentTarget.value) ?? "en";
					store.setState({ language: chosen });
					void changeLanguage(chosen);
				}}
			/>
			<button
				type="button"
				className="icon-button"
				aria-label={`${t("settings.theme")}: ${t(`settings.${other}`)}`}
				onClick={() => store.setState({ theme: other })}
			>
				<span aria-hidden="true">◐</span>
			</button>
			{onHelp && (
				<button type="button" className="icon-button only-wide" aria-label={t("settings.shortcuts")} onClick={onHelp}>
					<span aria-hidden="true">?</span>
				</button>
			)}
		</div>
	);
}
