import { useTranslation } from "react-i18next";
import type { ChainStep, IncidentView, MediumView } from "../../../../contracts/media.ts";
import { useFormat, useSite } from "../../ui/site-context.ts";

/** Writes what the records of media say in the user's words. */
export function useMediaWords() {
	const { t } = useTranslation();
	const format = useFormat();
	const site = useSite();
	const step = ({ method, particleMm }: { method: ChainStep["method"]; particleMm?: number | null | undefined }): string => {
		const name = t(`custody.methods.${method}`);
		return particleMm == null ? name : t("custody.stepTo", { method: name, size: format.number(particleMm) });
	};
	return {
		step,
		chain: (steps: readonly ChainStep[]): string => steps.map(step).join(t("custody.andThen")),
		room: (id: string): string => site.rooms.find((room) => room.id === id)?.name ?? id,
		door: (id: string): string => site.doors.find((door) => door.id === id)?.name ?? id,
		where: ({ custody }: Pick<MediumView, "custody">): string => {
			if (custody.kind === "person") return custody.person.name;
			if (custody.kind === "store") return t("custody.where.store", { store: custody.store });
			return custody.kind === "gone" ? custody.to : t("custody.where.bay");
		},
		incident: ({ kind, serials }: Pick<IncidentView, "kind" | "serials">): string =>
			[t(`custody.kinds.${kind}`), ...(serials.length > 0 ? [serials.join(t("people.comma"))] : [])].join(": "),
	};
}
