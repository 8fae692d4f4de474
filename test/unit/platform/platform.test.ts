import { describe, expect, it } from "vitest";
import { parsePostmaster } from "../../../server/platform/database/postmaster.ts";
import { healthOf } from "../../../server/platform/health.ts";
import { bySpecificity, expressPath } from "../../../server/platform/http/mount-routes.ts";
import { createLogger } from "../../../server/platform/logger.ts";

describe("healthOf", () => {
	it.each([
		[["ok", "ok"], "ok"],
		[["ok", "degraded"], "degraded"],
		[["degraded", "down"], "down"],
		[[], "ok"],
	] as const)("of %j is %s: as bad as the worst part", async (parts, status) => {
		const checks = parts.map((part, index) => ({ name: `${index}`, check: () => ({ status: part, detail: "" }) }));
		expect((await healthOf(checks)).status).toBe(status);
	});

	it("counts a check that throws, or that doesn't answer, as down and says so", async () => {
		const throwing = {
			name: "a",
			check: () => {
				throw new Error("broken pipe");
			},
		};
		const silent = { name: "b", check: () => new Promise<never>(() => undefined) };
		expect((await healthOf([throwing, silent], 5)).parts).toEqual([
			{ name: "a", status: "down", detail: "broken pipe" },
			{ name: "b", status: "down", detail: "no answer within 5 ms" },
		]);
	});
});

describe("parsePostmaster", () => {
	const file = (status: string) => `123\n/data/cluster\n1769000000\n5433\n\n127.0.0.1\n  1 2\n${status}\n`;
	it.each([
		["", null],
		["x\n", null],
		["123\n/data", { pid: 123, port: 0, ready: false }],
		[file("starting"), { pid: 123, port: 5433, ready: false }],
		[file("ready   "), { pid: 123, port: 5433, ready: true }],
		[file("stopping"), { pid: 123, port: 5433, ready: false }],
	])("reads %j", (text, expected) => {
		expect(parsePostmaster(text)).toEqual(expected);
	});
});

describe("paths of routes", () => {
	it("become Express's", () => {
		expect(expressPath("/api/v1/reviews/{id}/items/{item}/decision")).toBe("/api/v1/reviews/:id/items/:item/decision");
	});

	it("are tried literal segments first", () => {
		const paths = ["/a/{id}", "/a/{id}/b", "/a/all", "/{x}/all", "/a"];
		expect(paths.sort(bySpecificity)).toEqual(["/a", "/a/all", "/a/{id}", "/a/{id}/b", "/{x}/all"]);
	});
});

describe("createLogger", () => {
	it("keeps secrets out, at the top and one level down", () => {
		const lines: string[] = [];
		const logger = createLogger({ level: "info", name: "test", destination: { write: (line) => lines.push(line) } });
		logger.info({ password: "hunter2", user: { token: "hunter2", name: "ann" }, url: "postgres://a:hunter2@h" }, "said");
		expect(lines.join("")).not.toContain("hunter2");
		expect(lines.join("")).toContain("ann");
	});
});
