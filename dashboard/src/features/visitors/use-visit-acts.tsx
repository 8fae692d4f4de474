import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { VisitView } from "../../../../contracts/visitors.ts";
import { actOnVisit, endVisit } from "../../api/visitors.ts";
import { BecauseDialog } from "../session/BecauseDialog.tsx";
import { useAct } from "../session/use-act.tsx";
import { CheckInDialog } from "./CheckInDialog.tsx";
import { IssueBadgeDialog } from "./IssueBadgeDialog.tsx";
import type { VisitAct } from "./visit-acts.ts";

const RENEWS = ["visits", "visitor-badges"];

/** Does what is asked of a visit: at once, or after a dialog. */
export function useVisitActs() {
	const { t } = useTranslation();
	const [asking, setAsking] = useState<{ visit: VisitView; act: VisitAct } | null>(null);
	const plain = useAct(actOnVisit, RENEWS);
	const close = () => setAsking(null);
	const perform = (visit: VisitView, act: VisitAct) => {
		if (act === "approve" || act === "accept-escort" || act === "check-out" || act === "badge-returned") plain.run({ id: visit.id, act });
		else setAsking({ visit, act });
	};
	const dialogs = (
		<>
			{asking?.act === "check-in" && <CheckInDialog visit={asking.visit} onClose={close} />}
			{asking?.act === "badge" && <IssueBadgeDialog visit={asking.visit} onClose={close} />}
			{(asking?.act === "reject" || asking?.act === "cancel") && (
				<BecauseDialog
					title={t(`visits.acts.${asking.act}`)}
					subject={asking.visit.visitor}
					act={endVisit}
					input={(reason) => ({ id: asking.visit.id, act: asking.act === "reject" ? ("reject" as const) : ("cancel" as const), reason })}
					renews={RENEWS}
					onClose={close}
				/>
			)}
			{plain.dialog}
		</>
	);
	return { perform, pending: plain.pending, error: plain.error, dialogs };
}
