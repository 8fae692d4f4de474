import { join } from "node:path";
import type { Clock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import type { Logger } from "../platform/logger.ts";
import { DuckDbHistory } from "./duckdb.ts";
import type { History } from "./history.ts";
import { InfluxHistory } from "./influx.ts";

/** The time-series store: InfluxDB at `INFLUX_URL`, else DuckDB in the data directory. */
export function configuredHistory(config: Config, { clock, logger }: { clock: Clock; logger: Logger }): History {
	const common = { clock, logger, retention: config.retention };
	if (config.influxUrl === null) return new DuckDbHistory({ ...common, directory: config.data });
	return new InfluxHistory({ ...common, url: config.influxUrl, directory: join(config.data, "influx"), spoolBytes: config.spoolBytes });
}
