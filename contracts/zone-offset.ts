/** What the clocks of a time zone show, by the rules that come with Intl; nothing here depends on the machine's own zone. */

interface Zone {
	name: string;
	format: Intl.DateTimeFormat;
}
const zones = new Map<string, Zone>();

/** What an IANA zone's clocks show beyond UTC at an instant (Unix ms), ms. Throws a RangeError where there is no such zone. */
export function zoneOffset(at: number, timeZone: string): number {
	const { format } = known(timeZone);
	const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
	const parts = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name);
	if (!parts) return 0;
	const [, sign, hours, minutes, seconds = "0"] = parts;
	return (sign === "-" ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** The zone's main name, of which others are aliases. Throws a RangeError where there is no such zone. */
export const zoneName = (timeZone: string): string => known(timeZone).name;

function known(timeZone: string): Zone {
	const before = zones.get(timeZone);
	if (before) return before;
	const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
	const zone = { name: format.resolvedOptions().timeZone, format };
	zones.set(timeZone, zone);
	return zone;
}

/** Whether there is an IANA zone of this name. */
export function isTimeZone(name: string): boolean {
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}
