import { lazy, type ReactNode, Suspense, useCallback, useState } from "react";
import type { Alarm } from "../../../../contracts/api.ts";

const AcknowledgeDialog = lazy(() => import("./AcknowledgeDialog.tsx").then((module) => ({ default: module.AcknowledgeDialog })));

/** How to open the acknowledge dialog, and the dialog itself to be placed on the page. */
export function useAcknowledge(): { acknowledge: (alarm: Alarm) => void; dialog: ReactNode } {
	const [alarm, setAlarm] = useState<Alarm | null>(null);
	const close = useCallback(() => setAlarm(null), []);
	return {
		acknowledge: setAlarm,
		dialog: alarm && (
			<Suspense>
				<AcknowledgeDialog alarm={alarm} onClose={close} />
			</Suspense>
		),
	};
}
