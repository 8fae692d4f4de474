import { useTranslation } from "react-i18next";
import type { ControllerView } from "../../../../contracts/controllers.ts";

const WELL: ReadonlySet<string> = new Set(["confirmed", "pending", "unknown"]);

/** How a controller's access list stands to the one that it should hold, in words. */
export function ListState({ controller: { state, entries, drift, failure, online } }: { controller: ControllerView }) {
	const { t } = useTranslation();
	return (
		<>
			<span className={WELL.has(state) ? "" : "is-abnormal"}>{t(`register.controllerStates.${state}`)}</span>{" "}
			<span className="dim">{t("register.entries", { count: entries })}</span>
			{!online && <div className="is-abnormal">{t("register.offline")}</div>}
			{drift && drift.repairedAt === null && (
				<div className="is-abnormal">{t("register.driftOf", { missing: drift.missing, extra: drift.extra, different: drift.different })}</div>
			)}
			{failure && <div className="dim">{failure.detail}</div>}
		</>
	);
}
