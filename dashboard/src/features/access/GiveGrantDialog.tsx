import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { HolderView } from "../../../../contracts/access.ts";
import { giveGrant, holdersQuery, zonesQuery } from "../../api/access.ts";
import { BecauseDialog } from "../session/BecauseDialog.tsx";

/** Whoever gives it chooses: nothing is chosen for them. */
const NOTHING = { value: "", label: "" };

/** Gives somebody access to a zone; an employee answers for it. */
export function GiveGrantDialog({ holder, onClose }: { holder: HolderView; onClose: () => void }) {
	const { t } = useTranslation();
	const zones = useQuery(zonesQuery).data ?? [];
	const sponsors = (useQuery(holdersQuery).data ?? []).filter(
		({ id, kind, status }) => kind === "employee" && status === "active" && id !== holder.id,
	);
	const [zone, setZone] = useState<string | null>(null);
	const [sponsor, setSponsor] = useState<string | null>(holder.sponsor?.id ?? null);
	const body = { holder: holder.id, zone: zone ?? "", sponsor: sponsor ?? "", until: null };
	return (
		<BecauseDialog
			title={t("register.give")}
			subject={holder.name}
			act={giveGrant}
			input={(reason) => ({ ...body, reason })}
			renews={["grants", "permitted", "controllers"]}
			onClose={onClose}
		>
			<NativeSelect
				label={t("register.zone")}
				required
				value={body.zone}
				data={[NOTHING, ...zones.map(({ id, name }) => ({ value: id, label: name }))]}
				onChange={(event) => setZone(event.currentTarget.value)}
			/>
			<NativeSelect
				label={t("register.sponsor")}
				required
				value={body.sponsor}
				data={[NOTHING, ...sponsors.map(({ id, name }) => ({ value: id, label: name }))]}
				onChange={(event) => setSponsor(event.currentTarget.value)}
			/>
		</BecauseDialog>
	);
}
