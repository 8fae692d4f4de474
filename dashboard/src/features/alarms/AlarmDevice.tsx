import type { Alarm } from "../../../../contracts/api.ts";
import { useDeviceName } from "./AlarmRow.tsx";

/** Stands after what an alarm says: which device it says it of. */
export function AlarmDevice({ alarm }: { alarm: Alarm }) {
	const device = useDeviceName()(alarm);
	return (
		<span className="dim" data-testid="alarm-device">
			· {device}
		</span>
	);
}
