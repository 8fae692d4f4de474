import { useTranslation } from "react-i18next";
import type { LeaverView } from "../../../../contracts/personnel.ts";
import { useNow } from "../../live/live-context.ts";

/** Seconds from the act to the last controller's confirmation; counts on by itself while one is outstanding. */
export function LeaverClock({ leaver }: { leaver: Pick<LeaverView, "clock" | "leftAt" | "seconds"> }) {
	const { t } = useTranslation();
	const now = useNow();
	if (leaver.clock === "confirmed") return t("personnel.confirmed", { seconds: Math.round(leaver.seconds) });
	const seconds = Math.max(leaver.seconds, (now - Date.parse(leaver.leftAt)) / 1000);
	return <>▲ {t("personnel.running", { seconds: Math.round(seconds) })}</>;
}
