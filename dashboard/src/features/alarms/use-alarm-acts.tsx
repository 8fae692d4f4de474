import { lazy, type ReactNode, Suspense, useCallback, useState } from "react";
import type { Alarm } from "../../../../contracts/api.ts";
import type { AlarmAct } from "./alarm-acts.ts";

const AcknowledgeDialog = lazy(() => import("./AcknowledgeDialog.tsx").then((module) => ({ default: module.AcknowledgeDialog })));
const AlarmActDialog = lazy(() => import("./AlarmActDialog.tsx").then((module) => ({ default: module.AlarmActDialog })));

export interface AlarmActs {
	/** Asks for what the act needs, and does it. */
	act: (act: AlarmAct, alarm: Alarm) => void;
	/** Acknowledges several, as they were seen. */
	acknowledgeAll: (alarms: readonly Alarm[]) => void;
	/** To be placed on the page. */
	dialog: ReactNode;
}

/** What a person does to alarms, with the dialogs that it takes. */
export function useAlarmActs(): AlarmActs {
	const [asked, setAsked] = useState<{ act: AlarmAct; alarms: readonly Alarm[] } | null>(null);
	const close = useCallback(() => setAsked(null), []);
	const [first] = asked?.alarms ?? [];
	return {
		act: useCallback((act, alarm) => setAsked({ act, alarms: [alarm] }), []),
		acknowledgeAll: useCallback((alarms) => setAsked(alarms.length === 0 ? null : { act: "acknowledge", alarms }), []),
		dialog: asked && first && (
			<Suspense>
				{asked.act === "acknowledge" ? (
					<AcknowledgeDialog alarms={asked.alarms} onClose={close} />
				) : (
					<AlarmActDialog act={asked.act} alarm={first} onClose={close} />
				)}
			</Suspense>
		),
	};
}
