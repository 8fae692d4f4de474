import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { holdersQuery, zonesQuery } from "../../api/access.ts";
import { requestVisit } from "../../api/visitors.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { instantOf, localOf } from "../../ui/site-time.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

const HOUR = 3_600_000;

/** Asks for a visit; another person approves it. */
export function RequestVisitDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { timeZone } = useSite();
	const format = useFormat();
	const people = (useQuery(holdersQuery).data ?? []).filter(({ kind, status }) => kind === "employee" && status === "active");
	const zones = useQuery(zonesQuery).data ?? [];
	const [given, setGiven] = useState(() => {
		const next = Math.ceil(Date.now() / HOUR) * HOUR;
		const [from, until] = [localOf(next, timeZone), localOf(next + 4 * HOUR, timeZone)];
		return { visitor: "", company: "", purpose: "", host: "", escort: "", zone: "", from, until };
	});
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	const act = useAct(requestVisit, ["visits"], onClose);
	const host = given.host || (people[0]?.id ?? "");
	const escort = given.escort || host;
	const zone = given.zone || (zones[0]?.id ?? "");
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const [from, until] = [instantOf(given.from, timeZone), instantOf(given.until, timeZone)];
		if (!act.pending && from !== null && until !== null)
			act.run({
				visitor: given.visitor.trim(),
				company: given.company.trim() || null,
				purpose: given.purpose.trim(),
				host,
				escort,
				zones: [zone],
				from: new Date(from).toISOString(),
				until: new Date(until).toISOString(),
			});
	};
	const persons = people.map(({ id, name }) => ({ value: id, label: name }));
	return (
		<Dialog title={t("visits.request")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="request-visit">
				<FormError text={textOf(act.error)} />
				<TextInput
					name="visitor"
					label={t("visits.visitor")}
					required
					maxLength={120}
					data-autofocus
					value={given.visitor}
					onChange={(event) => set({ visitor: event.currentTarget.value })}
				/>
				<TextInput
					label={t("register.company")}
					maxLength={120}
					value={given.company}
					onChange={(event) => set({ company: event.currentTarget.value })}
				/>
				<TextInput
					name="purpose"
					label={t("visits.purpose")}
					required
					minLength={3}
					maxLength={500}
					value={given.purpose}
					onChange={(event) => set({ purpose: event.currentTarget.value })}
				/>
				<NativeSelect
					name="host"
					label={t("visits.host")}
					value={host}
					data={persons}
					onChange={(event) => set({ host: event.currentTarget.value })}
				/>
				<NativeSelect
					name="escort"
					label={t("visits.escort")}
					value={escort}
					data={persons}
					onChange={(event) => set({ escort: event.currentTarget.value })}
				/>
				<NativeSelect
					label={t("register.zone")}
					value={zone}
					data={zones.map(({ id, name }) => ({ value: id, label: name }))}
					onChange={(event) => set({ zone: event.currentTarget.value })}
				/>
				<TextInput
					type="datetime-local"
					label={t("visits.from")}
					required
					value={given.from}
					onChange={(event) => set({ from: event.currentTarget.value })}
				/>
				<TextInput
					type="datetime-local"
					label={t("visits.until")}
					required
					value={given.until}
					onChange={(event) => set({ until: event.currentTarget.value })}
				/>
				<p className="dim">{t("register.siteTime", { zone: `${timeZone}, ${format.zoneName(Date.now())}` })}</p>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("visits.request")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
