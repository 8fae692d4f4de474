import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { configReference, readConfig } from "../../../server/platform/config.ts";
import { AppError } from "../../../server/platform/errors.ts";

function wrongFields(environment: Record<string, string>): AppError {
	try {
		readConfig(environment);
	} catch (error) {
		if (error instanceof AppError) return error;
	}
	throw new Error("it was accepted");
}

describe("readConfig", () => {
	it("needs nothing to be set, and takes an empty variable for one that isn't", () => {
		const config = readConfig({ DATABASE_URL: "", WATCHROOM_HTTP_PORT: " ", PATH: "/bin" });
		expect(config).toMatchObject({ httpPort: 8080, uplinkPort: 1883, databaseUrl: null, influxUrl: null, logLevel: "info", data: resolve("data") });
		expect(config.retention).toEqual({ rawMs: 30 * 86_400_000, minuteMs: 365 * 86_400_000, hourMs: 1825 * 86_400_000 });
	});

	it("reads what is set", () => {
		const config = readConfig({
			WATCHROOM_DATA: "/srv/w",
			DATABASE_URL: "postgresql://u:p@h/d",
			UPLINK_URL: "mqtts://h:8883",
			WATCHROOM_SPOOL_BYTES: "2000000",
		});
		expect(config).toMatchObject({ data: "/srv/w", databaseUrl: "postgresql://u:p@h/d", uplinkUrl: "mqtts://h:8883", spoolBytes: 2_000_000 });
	});

	it("reports every wrong variable at once, and never its value", () => {
		const error = wrongFields({
			WATCHROOM_HTTP_PORT: "70000",
			WATCHROOM_UPLINK_PORT: "a-secret",
			DATABASE_URL: "mysql://u:a-secret@h/d",
			INFLUX_URL: "a-secret",
			WATCHROOM_LOG_LEVEL: "loud",
			WATCHROOM_RETENTION_RAW_DAYS: "0",
		});
		expect(error.errors?.map(({ field }) => field).sort()).toEqual([
			"DATABASE_URL",
			"INFLUX_URL",
			"WATCHROOM_HTTP_PORT",
			"WATCHROOM_LOG_LEVEL",
			"WATCHROOM_RETENTION_RAW_DAYS",
			"WATCHROOM_UPLINK_PORT",
		]);
		for (const { field } of error.errors ?? []) expect(error.message).toContain(field);
		expect(error.message).not.toContain("a-secret");
	});

	it.each([
		["10.0.0.1", ["10.0.0.1"]],
		["127.0.0.1, 10.0.0.0/24,fd00::/8", ["127.0.0.1", "10.0.0.0/24", "fd00::/8"]],
		["proxy.example", null],
		["10.0.0.0/33", null],
		["10.0.0.1,", null],
		["0.0.0.0/0", null],
		["::/0", null],
	])("trusts proxies by address or range, and never everybody: %s", (text, trusted) => {
		const environment = { WATCHROOM_TRUSTED_PROXIES: text };
		if (trusted) expect(readConfig(environment).trustedProxies).toEqual(trusted);
		else expect(wrongFields(environment).errors?.map(({ field }) => field)).toEqual(["WATCHROOM_TRUSTED_PROXIES"]);
	});

	it("has its reference page in docs as it is now", async () => {
		expect(await readFile(new URL("../../../docs/configuration.md", import.meta.url), "utf8")).toBe(configReference());
	});
});
