/** Every field that is marked as personal is masked on every route and event that carries it, and every route that carries one is audited. */
import { expect, test } from "vitest";
import { z } from "zod";
import { realtimeEvents } from "../../../contracts/realtime.ts";
import { sensitiveFields } from "../../../contracts/sensitive.ts";
import { accessRoutes } from "../../../server/access/access-routes.ts";
import { controllersRoutes } from "../../../server/access/controllers/controllers-routes.ts";
import { monitorRoutes } from "../../../server/access/monitor/monitor-routes.ts";
import { registerRoutes } from "../../../server/access/register/register-routes.ts";
import { alarmRoutes } from "../../../server/alarms/alarm-routes.ts";
import { rackPowerRoutes } from "../../../server/alarms/rules/rack-power-routes.ts";
import { ruleRoutes } from "../../../server/alarms/rules/rule-routes.ts";
import { historyRoutes } from "../../../server/history/history-routes.ts";
import { personnelRoutes } from "../../../server/personnel/personnel-routes.ts";
import type { Route } from "../../../server/platform/http/route.ts";
import { maskerOf } from "../../../server/platform/masking.ts";
import { siteRoutes } from "../../../server/site/site-routes.ts";
import { visitorsRoutes } from "../../../server/visitors/visitors-routes.ts";

// Only the schemas of the routes are looked at.
const unused = {} as never;
const routes: Route[] = [
	...accessRoutes(unused),
	...registerRoutes(unused, unused, unused),
	...controllersRoutes(unused),
	...monitorRoutes(unused, unused),
	...personnelRoutes(unused, unused),
	...visitorsRoutes(unused, unused),
	...alarmRoutes(unused),
	...ruleRoutes({ alarms: unused, book: unused, replays: unused, approvals: unused, people: unused }),
	...rackPowerRoutes(unused, unused),
	...historyRoutes(unused),
	...siteRoutes(unused),
];
const CLEAR = "H10301 12-3456";

/** A value of a schema in which every marked field reads CLEAR; how many there are. Made without the code that masks. */
function sample(schema: z.ZodType, marked: { count: number }): unknown {
	if (sensitiveFields.has(schema)) {
		marked.count++;
		return CLEAR;
	}
	if (schema instanceof z.ZodObject)
		return Object.fromEntries(Object.entries(schema.shape).map(([name, part]) => [name, sample(part as z.ZodType, marked)]));
	if (schema instanceof z.ZodArray) return [sample(schema.element as z.ZodType, marked)];
	if (schema instanceof z.ZodUnion) return sample(schema.options[0] as z.ZodType, marked);
	if ("innerType" in schema.def) return sample(schema.def.innerType as z.ZodType, marked);
	return null;
}

const carriers: [name: string, schema: z.ZodType][] = [
	...routes.flatMap((route): [string, z.ZodType][] =>
		typeof route.response === "string" ? [] : [[`${route.method} ${route.path}`, route.response]],
	),
	...Object.entries(realtimeEvents),
];

test.each(carriers)("%s shows no marked field to whom every right is missing, and each to whom none is", (_name, schema) => {
	const marked = { count: 0 };
	const value = sample(schema, marked);
	const occurrences = (shown: unknown) => JSON.stringify(shown).split(CLEAR).length - 1;
	expect(occurrences(value)).toBe(marked.count);
	expect(occurrences(maskerOf(schema).mask(value, () => false))).toBe(0);
	expect(maskerOf(schema).mask(value, () => true)).toEqual(value);
});

test("the events that carry personal fields are these, and each route that reads them is audited", () => {
	const personal = carriers.filter(([, schema]) => maskerOf(schema).permissions.length > 0).map(([name]) => name);
	expect(personal.filter((name) => !name.includes(" "))).toEqual(["access", "finding"]);
	expect(personal.length).toBeGreaterThan(10);
	// What changes something is in the audit log as the act that it is.
	for (const route of routes.filter(({ method }) => method === "get"))
		if (typeof route.response !== "string" && maskerOf(route.response).permissions.length > 0) expect(route.readsPersonal, route.path).toBeDefined();
});
