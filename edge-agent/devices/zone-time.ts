/** Times that devices write as the clocks of their zone show them, with its abbreviation: `2026-05-01 12:00:00 CEST`; pure. */
import { zoneName, zoneOffset } from "../../contracts/zone-offset.ts";
import { type DeviceTime, isoTime } from "./profiles/device-time.ts";

const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s+([A-Za-z]{2,5})$/;

/** What abbreviations of the tz database mean, by minutes beyond UTC. */
const MEANINGS: ReadonlyMap<string, number> = new Map(
	(
		[
			[-660, "SST"],
			[-600, "HST"],
			[-540, "AKST HDT"],
			[-480, "AKDT PST"],
			[-420, "MST PDT"],
			[-360, "CST MDT"],
			[-300, "CDT EST"],
			[-240, "AST EDT"],
			[-210, "NST"],
			[-180, "ADT"],
			[-150, "NDT"],
			[0, "WET"],
			[60, "BST CET MET WAT WEST"],
			[120, "CAT CEST EET MEST SAST"],
			[180, "EAT EEST IDT MSK"],
			[300, "PKT"],
			[330, "IST"],
			[420, "WIB"],
			[480, "AWST HKT WITA"],
			[540, "JST KST WIT"],
			[570, "ACST"],
			[600, "AEST ChST"],
			[630, "ACDT"],
			[660, "AEDT"],
			[720, "NZST"],
			[780, "NZDT"],
		] as const
	).flatMap(([minutes, names]) => names.split(" ").map((name) => [name, minutes])),
);
/** Zones that call their time as others call another. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
	"America/Havana": { CST: -300, CDT: -240 },
	"Asia/Jerusalem": { IST: 120 },
	"Asia/Macau": { CST: 480 },
	"Asia/Manila": { PST: 480 },
	"Asia/Shanghai": { CST: 480 },
	"Asia/Taipei": { CST: 480 },
	"Europe/Dublin": { IST: 60 },
};

/**
 * Of a text as the clocks of a zone show it, where its abbreviation means what they show at that moment: it also tells the two hours apart
 * when they are put back. Everything else is as {@link isoTime} says. `timeZone`: of the device's clock; `null`: it is not known.
 */
export function zoneTime(text: string, timeZone: string | null): DeviceTime {
	const match = LOCAL.exec(text.trim());
	if (!match || timeZone === null) return isoTime(text);
	const [, day = "", time = "", name = ""] = match;
	const minutes = ELSEWHERE[zoneName(timeZone)]?.[name] ?? MEANINGS.get(name);
	if (minutes === undefined) return isoTime(text);
	const wall = Date.parse(`${day}T${time}Z`);
	const fits = !Number.isNaN(wall) && zoneOffset(wall - minutes * 60_000, timeZone) === minutes * 60_000;
	return isoTime(fits ? `${day}T${time}${written(minutes)}` : text);
}

/** `+05:30` */
function written(minutes: number): string {
	const two = (number: number) => String(number).padStart(2, "0");
	return `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}
