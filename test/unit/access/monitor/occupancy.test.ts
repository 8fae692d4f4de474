import { describe, expect, test } from "vitest";
import { FORGOTTEN, type KnownPlace, occupancyOf } from "../../../../server/access/monitor/occupancy.ts";
import { registerOf } from "../../../helpers/register.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const MINUTE = 60_000;
const { site } = worldOf({
	...smallSite(),
	holders: ["ann", "bob", "cid"].map((id, number) => ({
		id,
		name: id,
		role: "employee",
		card: { format: "H10301", facility: 1, number: number + 1 },
		zones: ["hall"],
	})),
});
const register = registerOf(site);
/** In since so many minutes ago, with so many exits by button since, the last of them so many minutes ago. */
const inside = (holder: string, since: number, exits = 0, last = 0): KnownPlace => ({
	holder,
	room: "hall",
	door: "main",
	since: NOW - since * MINUTE,
	exits,
	lastExit: exits === 0 ? null : { at: NOW - last * MINUTE, door: "main" },
});
const said = (...places: KnownPlace[]) => {
	const [zone] = occupancyOf(register, places, [], NOW).zones;
	return [
		zone?.count,
		...(zone?.people ?? []).map(({ holder, exit }) => `${holder.id} ${exit === null ? "in" : exit.probable ? "probably" : "perhaps"}`),
	];
};

describe("who leaves by an exit button isn't seen", () => {
	test.each([
		["nobody has", said(inside("ann", 9), inside("bob", 8)), [2, "ann in", "bob in"]],
		["the only one that was known to be there has probably left", said(inside("ann", 9, 1, 5)), [0, "ann probably"]],
		["of two it may have been either", said(inside("ann", 9, 1, 5), inside("bob", 8, 1, 5)), [2, "ann perhaps", "bob perhaps"]],
		["of two both have, once two went", said(inside("ann", 9, 2, 5), inside("bob", 8, 2, 5)), [0, "ann probably", "bob probably"]],
		["who came in afterwards is in", said(inside("ann", 9, 1, 5), inside("bob", 4)), [1, "bob in", "ann probably"]],
	] as const)("%s", (_, found, expected) => expect(found).toEqual(expected));

	test("nobody is forgotten sooner for it", () => {
		const early = (FORGOTTEN - MINUTE) / MINUTE;
		expect(said(inside("ann", early, 1, early - 1))).toEqual([0, "ann probably"]);
	});
});
