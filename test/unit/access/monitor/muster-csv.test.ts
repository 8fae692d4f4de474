import { expect, test } from "vitest";
import type { MusterRow } from "../../../../contracts/access.ts";
import { musterCsv } from "../../../../server/access/monitor/muster-csv.ts";
import { musterOf } from "../../../../server/access/monitor/occupancy.ts";

const since = "2026-11-23T09:00:00.000Z";

test("the muster list as CSV has a line for each person, and nothing in it is computed by a spreadsheet (RFC 4180)", () => {
	const person = (id: string, name: string, exit: MusterRow["exit"] = null) => ({
		holder: { id, name },
		kind: "employee" as const,
		since,
		door: "main",
		exit,
	});
	const zones = [
		{
			zone: "hall",
			name: "Hall, north",
			count: 2,
			people: [person("ann", "Ann Lee"), person("eve", '=HYPERLINK("x")', { at: since, door: "back", probable: false })],
		},
		{ zone: "vault", name: "Vault", count: 0, people: [] },
	];
	expect(musterCsv(musterOf({ zones, uncertain: [], at: since })).split("\r\n")).toEqual([
		"zone,zoneName,holder,name,kind,since,door,left,leftAt,leftBy",
		`hall,"Hall, north",ann,Ann Lee,employee,${since},main,,,`,
		`hall,"Hall, north",eve,"'=HYPERLINK(""x"")",employee,${since},main,perhaps,${since},back`,
		"",
	]);
});
