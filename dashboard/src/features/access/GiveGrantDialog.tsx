import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HolderView } from "../../../../contracts/access.ts";
import { giveGrant, holdersQuery, zonesQuery } from "../../api/access.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { instantOf } from "../../ui/site-time.ts";
import { type HoursRow, scheduleOf } from "../../ui/weekly-hours.ts";
import { useAct } from "../session/use-act.tsx";
import { useFieldErrors } from "../session/use-field-errors.ts";
import { useProblemText } from "../session/use-problem-text.ts";
import { WeeklyHours } from "./WeeklyHours.tsx";

/** Whoever gives it chooses: nothing is chosen for them. */
const NOTHING = { value: "", label: "" };

/** Gives a person, or everybody of a post, access to a zone; an employee answers for it. `holder` `null`: to be chosen here. */
export function GiveGrantDialog({ holder, onClose }: { holder: HolderView | null; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { timeZone } = useSite();
	const format = useFormat();
	const postList = useId();
	const zones = useQuery(zonesQuery).data ?? [];
	const here = (useQuery(holdersQuery).data ?? []).filter(({ status }) => status === "active");
	const posts = [...new Set(here.flatMap(({ post }) => post ?? []))].sort((one, other) => one.localeCompare(other));
	const [to, setTo] = useState<"holder" | "post">("holder");
	const [given, setGiven] = useState({
		holder: holder?.id ?? "",
		post: "",
		zone: "",
		from: "",
		until: "",
		sponsor: holder?.sponsor?.id ?? "",
		reason: "",
	});
	const [hours, setHours] = useState<readonly HoursRow[] | null>(null);
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	const act = useAct(giveGrant, ["grants", "permitted", "controllers"], onClose);
	const wrong = useFieldErrors(act.error);
	const [noDay, setNoDay] = useState(false);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const without = hours?.some(({ days }) => days.length === 0) ?? false;
		setNoDay(without);
		if (act.pending || without) return;
		const [from, until] = [instantOf(given.from, timeZone), instantOf(given.until, timeZone)];
		act.run({
			...(to === "holder" ? { holder: given.holder } : { post: given.post.trim() }),
			zone: given.zone,
			...(from !== null && { from: new Date(from).toISOString() }),
			until: until === null ? null : new Date(until).toISOString(),
			schedule: hours && scheduleOf(hours),
			sponsor: given.sponsor,
			reason: given.reason.trim(),
		});
	};
	const options = (people: readonly HolderView[]) => [
		NOTHING,
		...people.map(({ id, name, company }) => ({ value: id, label: company === null ? name : `${name}, ${company}` })),
	];
	const having = here.filter(({ post }) => post === given.post.trim()).length;
	return (
		<Dialog title={t("register.give")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="give-grant">
				{holder && <p className="dialog-subject">{holder.name}</p>}
				<FormError text={textOf(act.error)} />
				{!holder && (
					<fieldset className="choice">
						<legend className="visually-hidden">{t("register.who")}</legend>
						{(["holder", "post"] as const).map((one) => (
							<label key={one}>
								<input type="radio" name="to" checked={to === one} onChange={() => setTo(one)} />
								<span>{t(`register.giveTo.${one}`)}</span>
							</label>
						))}
					</fieldset>
				)}
				{!holder && to === "holder" && (
					<NativeSelect
						name="holder"
						label={t("register.person")}
						required
						value={given.holder}
						data={options(here)}
						error={wrong("holder")}
						onChange={(event) => set({ holder: event.currentTarget.value })}
					/>
				)}
				{to === "post" && (
					<>
						<TextInput
							name="post"
							label={t("register.post")}
							description={t("register.postHas", { count: having })}
							required
							maxLength={64}
							list={postList}
							autoComplete="off"
							value={given.post}
							error={wrong("post")}
							onChange={(event) => set({ post: event.currentTarget.value })}
						/>
						<datalist id={postList}>
							{posts.map((post) => (
								<option key={post} value={post} />
							))}
						</datalist>
					</>
				)}
				<NativeSelect
					name="zone"
					label={t("register.zone")}
					required
					value={given.zone}
					data={[NOTHING, ...zones.map(({ id, name }) => ({ value: id, label: name }))]}
					error={wrong("zone")}
					onChange={(event) => set({ zone: event.currentTarget.value })}
				/>
				<div className="two-fields">
					<TextInput
						name="from"
						type="datetime-local"
						label={t("register.from")}
						description={t("register.fromHint")}
						value={given.from}
						error={wrong("from")}
						onChange={(event) => set({ from: event.currentTarget.value })}
					/>
					<TextInput
						name="until"
						type="datetime-local"
						label={t("register.until")}
						description={t("register.untilHint")}
						min={given.from || undefined}
						value={given.until}
						error={wrong("until")}
						onChange={(event) => set({ until: event.currentTarget.value })}
					/>
				</div>
				<WeeklyHours rows={hours} error={noDay ? t("register.hoursNoDay") : wrong("schedule")} onChange={setHours} />
				<p className="dim">{t("register.siteTime", { zone: `${timeZone}, ${format.zoneName(Date.now())}` })}</p>
				<NativeSelect
					name="sponsor"
					label={t("register.sponsor")}
					required
					value={given.sponsor}
					data={options(here.filter(({ id, kind }) => kind === "employee" && (to === "post" || id !== given.holder)))}
					error={wrong("sponsor")}
					onChange={(event) => set({ sponsor: event.currentTarget.value })}
				/>
				<Textarea
					name="reason"
					label={t("register.reason")}
					required
					minLength={3}
					maxLength={2000}
					value={given.reason}
					error={wrong("reason")}
					onChange={(event) => set({ reason: event.currentTarget.value })}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("register.give")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
