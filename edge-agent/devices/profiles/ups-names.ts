/**
 * Names of UPSs are those of their own NUT server. Where several servers have the same, the serial number tells the UPSs apart: no value of one
 * may be taken for the other's.
 */

/** How long a UPS that has fallen silent keeps its name from another one, such as the one that replaces it, ms. */
const KEEPS = 10 * 60_000;
const NAMES = 1_000;
const SERIALS = 16;

/** What a UPS is called by, beside its name. */
export interface UpsMarks {
	serial: string | null;
	/** Where it was asked. */
	host: string | null;
}

/**
 * The address of a UPS: its name; `{name}@{serial}` while another UPS of this name speaks, too; and whenever that, or `{name}@{host}`, is in the
 * device list. `isListed`: whether an address is.
 */
export function upsNames(isListed: (address: string) => boolean): (name: string, marks: UpsMarks, receivedAt: number) => string {
	/** When each serial number was heard last, by name. */
	const heard = new Map<string, Map<string, number>>();
	const isAlone = (name: string, serial: string, receivedAt: number): boolean => {
		const serials = heard.get(name) ?? new Map<string, number>();
		for (const [one, at] of serials) if (receivedAt - at > KEEPS) serials.delete(one);
		if (serials.has(serial) || serials.size < SERIALS) serials.set(serial, receivedAt);
		if (heard.has(name) || heard.size < NAMES) heard.set(name, serials);
		return serials.size === 1 && serials.has(serial);
	};
	return (name, { serial, host }, receivedAt) => {
		const alone = serial === null || isAlone(name, serial, receivedAt);
		for (const mark of [serial, host]) if (mark !== null && isListed(`${name}@${mark}`)) return `${name}@${mark}`;
		return alone ? name : `${name}@${serial}`;
	};
}
