import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

const forbidden: [file: string, imported: string][] = [
	["contracts/api.ts", "../server/platform/clock.ts"],
	["contracts/api.ts", "kysely"],
	["edge-agent/outbox/outbox.ts", "../../server/platform/clock.ts"],
	["edge-agent/config.ts", "../simulators/main.ts"],
	["simulators/config.ts", "../edge-agent/outbox/outbox.ts"],
	["dashboard/src/features/alarms/AlarmList.tsx", "../../../../server/alarms/alarm-life-cycle.ts"],
	["server/reviews/review-service.ts", "../access/access-store.ts"],
	["server/alarms/alarm-service.ts", "../main.ts"],
	["server/history/history-service.ts", "../../test/helpers/wait-for.ts"],
	["server/platform/http/http-server.ts", "../../alarms/alarm-service.ts"],
	["server/platform/errors.ts", "../site/site-service.ts"],
	["server/platform/http/gate.ts", "../../identity/session-authenticator.ts"],
	["server/platform/realtime/socket-realtime.ts", "../../audit/audit.ts"],
	["server/platform/tls/tls-files.ts", "../../links/authority-files.ts"],
	["server/platform/masking.ts", "../approvals/change.ts"],
	["server/platform/config.ts", "../retention/retention.ts"],
	["server/platform/database/database.ts", "../../ledger/ledger-entry.ts"],
	["server/ledger/ledger-service.ts", "../audit/audit.ts"],
	["server/ledger/merkle.ts", "../access/access-service.ts"],
	["server/audit/export-service.ts", "../approvals/change-kind.ts"],
	["server/audit/audit-log.ts", "../main.ts"],
];
const allowed: [file: string, imported: string][] = [
	["contracts/site.ts", "zod"],
	["contracts/world.ts", "./kinds.ts"],
	["edge-agent/uplink/uplink.ts", "../../contracts/uplink.ts"],
	["server/reviews/review-routes.ts", "../access/access-service.ts"],
	["server/alarms/alarm-engine.ts", "./alarm-store.ts"],
	["server/alarms/alarm-routes.ts", "../platform/errors.ts"],
	["server/audit/review-service.ts", "../ledger/ledger-entry.ts"],
	["server/audit/audit-store.ts", "../platform/clock.ts"],
	["server/ledger/ledger-routes.ts", "../../contracts/ledger.ts"],
	["server/ledger/witness-service.ts", "./ledger-store.ts"],
	["server/main.ts", "./alarms/alarm-service.ts"],
];

let directory: TemporaryDirectory;
let complaints: string;

beforeAll(async () => {
	directory = await temporaryDirectory("arrows");
	copyFileSync("biome.json", join(directory.path, "biome.json"));
	for (const [file, imported] of [...forbidden, ...allowed]) {
		const path = join(directory.path, file);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, `import { thing } from "${imported}";\nthing();\n`);
	}
	const args = ["lint", "--vcs-enabled=false", "--colors=off", "--max-diagnostics=none", "--reporter=json", "."];
	complaints = spawnSync(resolve("node_modules/.bin/biome"), args, { cwd: directory.path, encoding: "utf8" }).stdout;
});
afterAll(() => directory.remove());

const caught = (file: string) => {
	const { diagnostics } = JSON.parse(complaints) as { diagnostics: { category: string; location: { path: string } }[] };
	return diagnostics.some(({ category, location }) => category === "lint/style/noRestrictedImports" && location.path === file);
};

test.each(forbidden)("%s may not import %s", (file) => {
	expect(caught(file)).toBe(true);
});

test.each(allowed)("%s may import %s", (file) => {
	expect(caught(file)).toBe(false);
});
