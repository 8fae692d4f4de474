import { defineConfig } from "vitest/config";

/** Suites in the order in which a person wants to hear of a failure; `npm test` runs them all. */
export default defineConfig({
	test: {
		testTimeout: 30_000,
		hookTimeout: 60_000,
		maxWorkers: 2,
		projects: ["unit", "contract", "integration", "faults", "e2e"].map((name) => ({
			extends: true as const,
			test: { name, include: [`test/${name}/**/*.test.ts`], ...(name === "unit" ? {} : { fileParallelism: name !== "faults" }) },
		})),
	},
});
