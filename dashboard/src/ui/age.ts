/** How long ago, in the one unit that an operator reads at a glance. */
export interface Age {
	amount: number;
	unit: "second" | "minute" | "hour" | "day";
}

/** `ms` of age rounded down to whole units: seconds below two minutes, minutes below two hours, hours below two days. */
export function ageOf(ms: number): Age {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 120) return { amount: seconds, unit: "second" };
	const minutes = Math.floor(seconds / 60);
	if (minutes < 120) return { amount: minutes, unit: "minute" };
	const hours = Math.floor(minutes / 60);
	return hours < 48 ? { amount: hours, unit: "hour" } : { amount: Math.floor(hours / 24), unit: "day" };
}
