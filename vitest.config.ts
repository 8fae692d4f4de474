import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** How long files take, roughly and relative to each other: those with a whole system, and all others. */
const weight = ({ moduleId }: TestSpecification) => (/\/test\/(e2e|faults|integration\/system)\//.test(moduleId) ? 10 : 1);

/**
 * Long files first, but browsers keep cores busy while most of the rest waits for its processes: the end-to-end tests are spread over the
 * other suites. The unit tests come last; they are so short that no worker is left alone with one.
 */
class Spread extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const sorted = await super.sort(files);
		const of = (...names: string[]) => sorted.filter(({ project }) => names.includes(project.name)).sort((one, other) => weight(other) - weight(one));
		const places = [of("e2e"), of("contract", "faults", "integration")].flatMap((suite) => {
			const whole = suite.reduce((sum, file) => sum + weight(file), 0);
			let before = 0;
			return suite.map((file) => {
				before += weight(file);
				return { file, at: before / whole };
			});
		});
		return [...places.sort((one, other) => one.at - other.at).map(({ file }) => file), ...of("unit")];
	}
}

/** The suites; `npm test` runs them all. */
export default defineConfig({
	test: {
		// Bounds for what hangs, not for what is slow on a machine that does other things as well.
		testTimeout: 60_000,
		hookTimeout: 120_000,
		// As many as CI has cores: with more, outages that tests make last longer than they allow for.
		maxWorkers: 2,
		sequence: { sequencer: Spread },
		projects: ["unit", "contract", "integration", "faults", "e2e"].map((name) => ({
			extends: true as const,
			test: {
				name,
				include: [`test/${name}/**/*.test.ts`],
				// Pure functions leave nothing behind: what they import is loaded once, not once for each file.
				...(name === "unit" ? { isolate: false } : { globalSetup: "test/helpers/prepared-database.ts" }),
			},
		})),
	},
});
