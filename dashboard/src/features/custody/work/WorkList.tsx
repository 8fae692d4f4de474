import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MediumView } from "../../../../../contracts/media.ts";
import type { Work } from "./device-store.ts";
import { whereText } from "./where-text.ts";

/** The media of the open orders; a serial number that is typed or scanned finds one. */
export function WorkList(props: {
	work: Work;
	media: readonly MediumView[];
	waiting: readonly { medium: string }[];
	order: string | null;
	onOrder: (order: string | null) => void;
	onOpen: (medium: string) => void;
}) {
	const { t } = useTranslation();
	const { work, media, waiting, order, onOrder, onOpen } = props;
	const [wanted, setWanted] = useState("");
	const text = wanted.trim().toLowerCase();
	const shown = media.filter((one) => (order === null || one.batch === order) && (text === "" || one.serial.toLowerCase().includes(text)));
	const find = (event: FormEvent) => {
		event.preventDefault();
		const [only, more] = shown.toSorted((one, other) => one.serial.length - other.serial.length);
		// A scanner ends with Enter: the one that fits is opened.
		if (only && (!more || only.serial.toLowerCase() === text)) onOpen(only.id);
	};
	return (
		<>
			<h1>{t("work.title")}</h1>
			<form onSubmit={find} className="work-find">
				<TextInput
					label={t("work.find")}
					description={t("work.findHint")}
					autoComplete="off"
					autoCapitalize="characters"
					spellCheck={false}
					value={wanted}
					onChange={(event) => setWanted(event.currentTarget.value)}
				/>
			</form>
			<label className="work-field">
				{t("work.order")}
				<select value={order ?? ""} onChange={(event) => onOrder(event.currentTarget.value || null)}>
					<option value="">{t("work.allOrders", { count: media.length })}</option>
					{work.orders.map(({ id, title }) => (
						<option key={id} value={id}>
							{title}
						</option>
					))}
				</select>
			</label>
			{shown.length === 0 && <p className="work-note">{media.length === 0 ? t("work.none") : t("work.noneFound")}</p>}
			<ul className="work-list">
				{shown.map((one) => {
					const waits = waiting.filter(({ medium }) => medium === one.id).length;
					return (
						<li key={one.id}>
							<Button
								variant="default"
								fullWidth
								className="work-medium"
								data-testid="work-medium"
								data-serial={one.serial}
								data-state={one.state}
								onClick={() => onOpen(one.id)}
							>
								<span className="work-serial">{one.serial}</span>
								<span className={one.incident === null ? "" : "is-abnormal"}>
									{one.incident !== null && "▲ "}
									{t(`custody.states.${one.state}`)}
								</span>
								<span className="dim">{whereText(one, work)}</span>
								{waits > 0 && <span className="work-waits">{t("work.waits", { count: waits })}</span>}
							</Button>
						</li>
					);
				})}
			</ul>
		</>
	);
}
