import { useTranslation } from "react-i18next";
import { Dialog } from "../../ui/Dialog.tsx";
import { usePreference, usePreferencesStore } from "../../ui/preferences.ts";
import { pagesOf } from "../session/pages.ts";
import { useSession } from "../session/session-context.ts";
import { GO_TO } from "./shortcuts.ts";

const keyOf = (to: string) => Object.entries(GO_TO).find(([, page]) => page === to)?.[0];

/** Every shortcut, and the switch that turns the single keys off. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation();
	const store = usePreferencesStore();
	const enabled = usePreference((preferences) => preferences.shortcuts);
	const pages = pagesOf(useSession());
	const rows: [keys: string[], text: string][] = [
		...pages.flatMap(({ to, name }): [string[], string][] => {
			const key = keyOf(to);
			return key === undefined ? [] : [[["g", key], `${t("keys.goTo")}: ${t(`nav.${name}`)}`]];
		}),
		[["/"], t("keys.search")],
		[["j", "k"], `${t("keys.lists")}: ${t("keys.move")}`],
		[["Enter"], `${t("keys.lists")}: ${t("keys.open")}`],
		[["a"], `${t("keys.lists")}: ${t("keys.ack")}`],
		[["A"], `${t("keys.lists")}: ${t("alarm.acknowledgeVisible")}`],
		[["s", "o", "r"], `${t("keys.lists")}: ${t("keys.aside")}`],
		[["→", "←"], `${t("keys.lists")}: ${t("keys.fold")}`],
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
