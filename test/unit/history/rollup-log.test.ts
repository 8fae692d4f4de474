import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RollupLog } from "../../../server/history/rollup-log.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";

test("progress and open marks are there again after a restart, a torn line is not", async () => {
	const directory = await temporaryDirectory("rollups");
	const path = join(directory.path, "log");
	try {
		const log = new RollupLog(path);
		expect(await log.open()).toEqual({ progress: { minutesDone: null, hoursDone: null, newestMinute: null }, dirty: [] });
		const marks = [
			{ hour: 0, point: "a:b" },
			{ hour: 3_600_000, point: null },
		];
		await Promise.all([log.append({ dirty: marks }), log.append({ minutesDone: 60_000 }), log.append({ minutesDone: 120_000, hoursDone: 0 })]);
		await log.append({ clean: marks.slice(0, 1), newestMinute: 180_000 });
		await log.close();
		await appendFile(path, "d 7200000 torn");
		const again = new RollupLog(path);
		const expected = { progress: { minutesDone: 120_000, hoursDone: 0, newestMinute: 180_000 }, dirty: marks.slice(1) };
		expect(await again.open()).toEqual(expected);
		await again.compact(expected.progress, expected.dirty);
		await again.close();
		const third = new RollupLog(path);
		expect(await third.open()).toEqual(expected);
		await third.close();
	} finally {
		await directory.remove();
	}
});
