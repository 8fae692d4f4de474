/** `npm run bench -- <name> [options]`: each file beside this one is a benchmark; it prints one JSON line per result. */
import { readdirSync } from "node:fs";

interface Benchmark {
	run(args: string[]): Promise<void>;
}

const names = readdirSync(import.meta.dirname)
	.filter((file) => file.endsWith(".ts") && file !== "main.ts")
	.map((file) => file.slice(0, -3));
const [name = "", ...args] = process.argv.slice(2);
if (!names.includes(name)) {
	console.error(`npm run bench -- <name> [options]; the names are: ${names.join(", ")}`);
	process.exit(2);
}
const benchmark: Benchmark = await import(`./${name}.ts`);
await benchmark.run(args);
process.exit(0);
