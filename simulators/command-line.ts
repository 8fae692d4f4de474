import { parseArgs } from "node:util";

export const USAGE = `npm run simulate -- [<scenario>] [--seed N] [--speed X] [--duration S] [--at S] [--refuse SHARE]
npm run simulate -- --list
npm run simulate -- swipe --holder ID --door ID
npm run simulate -- load --points N --rate R --seconds S [--connections C] [--batch K] [--in-flight M] [--site-out file.yaml] [--rules] [--manifest file.json]
npm run simulate -- check --manifest file.json [--server http://127.0.0.1:8080]
npm run simulate -- replay --file x.csv --point device:point [--time timestamp] [--value value] [--speed 3600] [--from ISO] [--keep-times] [--fahrenheit]`;

/** The words after `npm run simulate --`: a command or scenario, and its options as text. */
export interface CommandLine {
	command: string;
	list: boolean;
	text(name: string): string | undefined;
	/** Throws an Error that names the option when it is given and not a number of at least `least`. */
	number(name: string, fallback: number, least?: number): number;
	flag(name: string): boolean;
}

const TEXT = [
	"seed",
	"speed",
	"duration",
	"at",
	"refuse",
	"holder",
	"door",
	"points",
	"rate",
	"seconds",
	"connections",
	"batch",
	"in-flight",
	"site-out",
	"manifest",
	"server",
	"file",
	"time",
	"value",
	"point",
	"from",
] as const;
const FLAGS = ["list", "rules", "keep-times", "now", "fahrenheit", "help"] as const;

/** Reads the arguments. Throws an Error with the usage for an unknown option. */
export function readCommandLine(args: readonly string[]): CommandLine {
	const options = Object.fromEntries([
		...TEXT.map((name) => [name, { type: "string" as const }]),
		...FLAGS.map((name) => [name, { type: "boolean" as const }]),
	]);
	let parsed: { values: Record<string, unknown>; positionals: string[] };
	try {
		parsed = parseArgs({ args: [...args], options, allowPositionals: true });
	} catch (error) {
		throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
	}
	if (parsed.positionals.length > 1) throw new Error(`expected one command, not ${parsed.positionals.join(" ")}\n${USAGE}`);
	const text = (name: string) => {
		const value = parsed.values[name];
		return typeof value === "string" ? value : undefined;
	};
	return {
		command: parsed.positionals[0] ?? (parsed.values.help ? "help" : "normal"),
		list: parsed.values.list === true,
		text,
		number(name, fallback, least = 0) {
			const given = text(name);
			if (given === undefined) return fallback;
			const value = Number(given);
			if (given === "" || !Number.isFinite(value) || value < least)
				throw new Error(`--${name}: expected a number of at least ${least}, got ${given}`);
			return value;
		},
		flag: (name) => parsed.values[name] === true,
	};
}
