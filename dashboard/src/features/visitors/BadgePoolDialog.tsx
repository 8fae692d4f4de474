import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { WIEGAND_FORMATS } from "../../../../contracts/wiegand.ts";
import { addBadge, badgesQuery, removeBadge } from "../../api/visitors.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** The badges that visitors get, and which are out. */
export function BadgePoolDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [leaving, setLeaving] = useState<string | null>(null);
	const [id, setId] = useState("");
	const [format, setFormat] = useState(WIEGAND_FORMATS[0] ?? "H10301");
	const [facility, setFacility] = useState<string | number>("");
	const [number, setNumber] = useState<string | number>("");
	const act = useAct(addBadge, ["visitor-badges"], () => {
		setId("");
		setNumber("");
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ id: id.trim(), card: { format, facility: Number(facility), number: Number(number) } });
	};
	return (
		<Dialog title={t("visits.pool")} onClose={onClose}>
			<Loaded query={useQuery(badgesQuery)} rows={3}>
				{(badges) =>
					badges.length === 0 ? (
						<Empty title={t("visits.emptyPool")} />
					) : (
						<ul className="badges">
							{badges.map((badge) => (
								<li key={badge.id} data-testid="pool-badge" data-badge={badge.id}>
									<span>
										{badge.id} <span className="dim">{badge.card}</span> {badge.visit !== null && t("visits.out")}
									</span>
									{badge.visit === null && (
										<Button
											size="compact-xs"
											variant="default"
											aria-label={t("visits.removeBadgeNamed", { badge: badge.id })}
											onClick={() => setLeaving(badge.id)}
										>
											{t("visits.removeBadge")}
										</Button>
									)}
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
			{leaving !== null && <RemoveBadge badge={leaving} onClose={() => setLeaving(null)} />}
			<form onSubmit={submit} className="dialog-form" data-testid="add-badge">
				<FormError text={textOf(act.error)} />
				<TextInput
					label={t("visits.badgeId")}
					required
					maxLength={64}
					pattern="[A-Za-z0-9._\\-]+"
					value={id}
					onChange={(event) => setId(event.currentTarget.value)}
				/>
				<NativeSelect
					label={t("register.format")}
					value={format}
					data={[...WIEGAND_FORMATS]}
					onChange={(event) => setFormat(event.currentTarget.value)}
				/>
				<NumberInput label={t("register.facility")} required min={0} allowDecimal={false} hideControls value={facility} onChange={setFacility} />
				<NumberInput label={t("register.number")} required min={0} allowDecimal={false} hideControls value={number} onChange={setNumber} />
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.close")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("visits.addBadge")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}

/** Asks before a badge leaves the pool. */
function RemoveBadge({ badge, onClose }: { badge: string; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const act = useAct(removeBadge, ["visitor-badges"], onClose);
	return (
		<Dialog title={t("visits.removeBadgeNamed", { badge })} onClose={onClose}>
			<div className="dialog-form" data-testid="remove-badge">
				<FormError text={textOf(act.error)} />
				<p>{t("visits.removeBadgeText")}</p>
				<div className="dialog-actions">
					<Button variant="default" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button className="primary" data-autofocus loading={act.pending} onClick={() => act.run(badge)}>
						{t("visits.removeBadge")}
					</Button>
				</div>
			</div>
			{act.dialog}
		</Dialog>
	);
}
