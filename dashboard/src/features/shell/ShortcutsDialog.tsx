import { useTranslation } from "react-i18next";
import { Dialog } from "../../ui/Dialog.tsx";
import { usePreference, usePreferencesStore } from "../../ui/preferences.ts";

/** Every shortcut, and the switch that turns the single keys off. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation();
	const store = usePreferencesStore();
	const enabled = usePreference((preferences) => preferences.shortcuts);
	const rows: [keys: string[], text: string][] = [
		[["g", "o"], `${t("keys.goTo")}: ${t("nav.overview")}`],
		[["g", "a"], `${t("keys.goTo")}: ${t("nav.alarms")}`],
		[["g", "p"], `${t("keys.goTo")}: ${t("nav.points")}`],
		[["g", "c"], `${t("keys.goTo")}: ${t("nav.access")}`],
		[["g", "d"], `${t("keys.goTo")}: ${t("nav.devices")}`],
		[["/"], t("keys.search")],
		[["j", "k"], `${t("keys.lists")}: ${t("keys.move")}`],
		[["Enter"], `${t("keys.lists")}: ${t("keys.open")}`],
		[["a"], `${t("keys.lists")}: ${t("keys.ack")}`],
		[["Esc"], t("keys.close")],
		[["?"], t("keys.help")],
	];
	return (
		<Dialog title={t("keys.title")} onClose={onClose}>
			<table className="plain-table keys">
				<tbody>
					{rows.map(([keys, text]) => (
						<tr key={text}>
							<th scope="row">
								{keys.map((key) => (
									<kbd key={key}>{key}</kbd>
								))}
							</th>
							<td>{text}</td>
						</tr>
					))}
				</tbody>
			</table>
			<label className="check">
				<input type="checkbox" checked={enabled} onChange={(event) => store.setState({ shortcuts: event.currentTarget.checked })} />
				{t("keys.enabled")}
			</label>
		</Dialog>
	);
}
