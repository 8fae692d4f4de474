import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { usePreference, usePreferencesStore } from "../../ui/preferences.ts";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";

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
		<Modal opened onClose={onClose} title={t("keys.title")} closeButtonProps={{ "aria-label": t("alarm.close") }} transitionProps={{ duration: 0 }}>
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
		</Modal>
	);
}
