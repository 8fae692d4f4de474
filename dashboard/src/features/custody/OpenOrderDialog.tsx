import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { handlersQuery, openBatch } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { useSite } from "../../ui/site-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useFieldErrors } from "../session/use-field-errors.ts";
import { useProblemText } from "../session/use-problem-text.ts";
import { readAssets } from "./orders.ts";

/** What media may be destined for; everything else is refused. */
const DESTINATIONS = ["recycling", "scrap"] as const;

/** Opens a work order, and leads to it. */
export function OpenOrderDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const site = useSite();
	const navigate = useNavigate();
	const handlers = useQuery(handlersQuery);
	const [given, setGiven] = useState(() => ({
		title: "",
		place: site.rooms[0]?.id ?? "",
		plannedFor: new Date().toLocaleDateString("sv", { timeZone: site.timeZone }),
		people: [] as readonly string[],
		kind: "recycling" as (typeof DESTINATIONS)[number],
		organisation: "",
		assets: "",
	}));
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	const { assets, wrong } = readAssets(given.assets);
	const act = useAct(openBatch, ["media-batches"], ({ id }) => void navigate({ to: "/media/batches/$batch", params: { batch: id } }));
	const ready = wrong.length === 0 && given.people.length >= 2;
	const refused = useFieldErrors(act.error);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const { title, place, plannedFor, people, kind, organisation } = given;
		const destination = { kind, organisation: organisation.trim() };
		if (!act.pending && ready) act.run({ title: title.trim(), place, plannedFor, people: [...people], destination, assets });
	};
	return (
		<Dialog title={t("custody.openOrder")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="open-order">
				<FormError text={textOf(act.error)} />
				<TextInput
					name="title"
					label={t("custody.title")}
					required
					maxLength={120}
					data-autofocus
					value={given.title}
					error={refused("title")}
					onChange={(event) => set({ title: event.currentTarget.value })}
				/>
				<NativeSelect
					name="place"
					label={t("custody.place")}
					description={t("custody.placeHint")}
					value={given.place}
					error={refused("place")}
					data={site.rooms.map(({ id, name }) => ({ value: id, label: name }))}
					onChange={(event) => set({ place: event.currentTarget.value })}
				/>
				<TextInput
					type="date"
					label={t("custody.planned")}
					required
					value={given.plannedFor}
					error={refused("plannedFor")}
					onChange={(event) => set({ plannedFor: event.currentTarget.value })}
				/>
				<fieldset className="media-choices">
					<legend>
						{t("custody.people")} <span className="dim">{t("custody.peopleHint")}</span>
					</legend>
					<Loaded query={handlers} rows={3}>
						{(people) =>
							people.map(({ id, name }) => (
								<label key={id} className="check">
									<input
										type="checkbox"
										name="people"
										checked={given.people.includes(id)}
										onChange={(event) =>
											set({ people: event.currentTarget.checked ? [...given.people, id] : given.people.filter((one) => one !== id) })
										}
									/>
									{name}
								</label>
							))
						}
					</Loaded>
				</fieldset>
				<NativeSelect
					label={t("custody.destination")}
					value={given.kind}
					data={DESTINATIONS.map((value) => ({ value, label: t(`custody.destinations.${value}`) }))}
					onChange={(event) => set({ kind: event.currentTarget.value === "scrap" ? "scrap" : "recycling" })}
				/>
				<TextInput
					name="organisation"
					label={t("custody.organisation")}
					required
					minLength={2}
					maxLength={120}
					value={given.organisation}
					error={refused("destination")}
					onChange={(event) => set({ organisation: event.currentTarget.value })}
				/>
				<Textarea
					name="assets"
					label={t("custody.assets")}
					description={t("custody.assetsHint")}
					autosize
					minRows={3}
					maxRows={10}
					value={given.assets}
					error={wrong.length > 0 ? t("custody.assetsWrong", { line: wrong[0] }) : refused("assets")}
					onChange={(event) => set({ assets: event.currentTarget.value })}
				/>
				<p className="dim" role="status">
					{t("custody.assetsSeen", { assets: assets.length, bays: assets.reduce((sum, { bays }) => sum + bays.length, 0) })}
				</p>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending} disabled={!ready}>
						{t("custody.openOrder")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
