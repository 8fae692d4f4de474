import { useTranslation } from "react-i18next";
import { useIsLost, useNow } from "../live/live-context.ts";
import { useFormat } from "./site-context.ts";

/**
 * How old something is, counting on by itself. While the link is lost it says that it is only the last known, but for an
 * `event`, whose moment does not change.
 */
export function AgeText({ at, short = false, event = false }: { at: number | null; short?: boolean; event?: boolean }) {
	const { t } = useTranslation();
	const now = useNow();
	const lost = useIsLost();
	const format = useFormat();
	if (at === null) return <span className="age">{t("age.never")}</span>;
	const age = format.age(now - at);
	return (
		<time className="age" dateTime={new Date(at).toISOString()} title={format.dateTime(at)}>
			{lost && !event ? t("age.lastKnown", { age }) : short ? age : t("age.ago", { age })}
		</time>
	);
}
