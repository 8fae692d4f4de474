/**
 * No payload harms an agent (EDG-5): samples of every dialect, damaged in every way, never throw, never take long, and never give a value that
 * nobody sent. At least 100,000 inputs.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Decoded } from "../../../../edge-agent/devices/profiles/profile.ts";
import { PROFILES } from "../../../../edge-agent/devices/profiles/registry.ts";
import type { Sample } from "../../../../edge-agent/devices/profiles/sample.ts";
import { type Listener, listenerFor, samplesOf } from "../../../helpers/dialects.ts";
import { bytesOf, realSamples } from "../../../helpers/real-samples.ts";

/** Inputs of all dialects together. */
const INPUTS = 120_000;
/** A payload may take this much of a processor, ms: far more than any needs, however slow the machine is. */
const LONGEST = 1_000;

const TABLES = await Promise.all(
	PROFILES.filter(({ strict }) => !strict).map(async (profile) => {
		const own = (await samplesOf(profile)).filter(({ expect: expected }) => expected !== null);
		return { profile, samples: own };
	}),
);
/** Real messages of every dialect, for every decoder: what isn't its own it must survive as well. */
const FOREIGN: Sample[] = [
	"access_control",
	"homeassistant_discovery",
	"lorawan",
	"nut",
	"ruuvi",
	"shelly",
	"sparkplug",
	"tasmota",
	"telegraf",
	"victron",
	"zigbee2mqtt",
]
	.flatMap((file) => realSamples(file))
	.map((sample) => ({ about: sample.id, topic: sample.topic ?? "", payload: bytesOf(sample), expect: [] }));

const NASTY: readonly unknown[] = [
	null,
	true,
	false,
	0,
	-1,
	1e308,
	"",
	"nan",
	"NaN",
	"Infinity",
	"-0",
	[],
	{},
	[[]],
	"x".repeat(5_000),
	{ constructor: 1 },
	{ __proto__: null, length: 1 },
];
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const deepObject = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

/** All paths into a JSON value. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
	if (typeof value !== "object" || value === null) return [path];
	const entries: [string | number, unknown][] = Array.isArray(value) ? value.map((item, index) => [index, item]) : Object.entries(value);
	return [path, ...entries.flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}
function changed(
	value: unknown,
	path: readonly (string | number)[],
	change: (parent: Record<string | number, unknown>, key: string | number) => void,
): unknown {
	const copy = structuredClone(value);
	let parent = copy as Record<string | number, unknown>;
	for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
	const last = path.at(-1);
	if (last === undefined) return copy;
	change(parent, last);
	return copy;
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
	return path.reduce<unknown>((inside, key) => (inside as Record<string | number, unknown>)[key], value);
}
/** What a decoder that makes values up would put in place of nothing. */
const MADE_UP = /=(?:number 0|boolean false|string |string (?:undefined|null|NaN))$/;
const ZEROS: ReadonlySet<unknown> = new Set([0, "0", "0.0", "0.00", false, "false", "off", "OFF", "Off", "no", "closed", "close"]);

/** Whether everything that is said can be said at all. */
function expectSound(parts: readonly Decoded[] | null): void {
	for (const part of parts ?? []) {
		expect(typeof part.device).toBe("string");
		for (const { value, ts, channel } of part.readings) {
			if (typeof value === "number" ? !Number.isFinite(value) : value === "" || value === null || value === undefined)
				throw new Error(`${channel} = ${String(value)}`);
			if (ts !== null && !Number.isInteger(ts)) throw new Error(`${channel} at ${ts}`);
		}
		for (const event of part.events) if (event.ts !== null && !Number.isInteger(event.ts)) throw new Error(`${event.type} at ${event.ts}`);
	}
}
/** Values of a message by device and channel. */
function valuesOf(parts: readonly Decoded[] | null): Set<string> {
	return new Set((parts ?? []).flatMap((part) => part.readings.map(({ channel, value }) => `${channel}=${typeof value} ${String(value)}`)));
}

describe.each(TABLES)("$profile.title", ({ profile, samples }) => {
	const share = Math.ceil(INPUTS / TABLES.length);
	const timed = (sample: Sample, payload: string | Buffer, made: Listener = listenerFor(profile, sample)) => {
		const from = process.threadCpuUsage().user;
		const parts = made.hear(sample.topic, payload);
		const took = (process.threadCpuUsage().user - from) / 1000;
		if (took > LONGEST) throw new Error(`${took} ms for ${payload.length} bytes`);
		expectSound(parts);
		return parts;
	};

	test("a message cut off anywhere says nothing that the whole doesn't say", () => {
		for (const sample of samples) {
			const whole = Buffer.from(sample.payload);
			const said = valuesOf(timed(sample, whole));
			const isJson = /^\s*[[{]/.test(whole.toString("latin1"));
			for (let length = 0; length < whole.length; length++) {
				const parts = timed(sample, whole.subarray(0, length));
				// Half a number in plain text is a number, and nothing tells that it is half.
				if (isJson) for (const value of valuesOf(parts)) if (!said.has(value)) throw new Error(`${sample.about}, ${length} bytes: ${value}`);
			}
		}
	});

	test("a field removed or nulled gives no value in its place", () => {
		for (const sample of samples) {
			const json = parsed(sample.payload);
			if (json === undefined) continue;
			const said = valuesOf(timed(sample, sample.payload));
			// Where the message itself says 0 or off somewhere, another channel may come to say it.
			const saysNothing = pathsOf(json).some((path) => ZEROS.has(at(json, path)));
			for (const path of pathsOf(json).slice(1))
				for (const damaged of [
					changed(json, path, (parent, key) => (Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key])),
					changed(json, path, (parent, key) => (parent[key] = null)),
				])
					for (const value of valuesOf(timed(sample, JSON.stringify(damaged))))
						if (!said.has(value) && MADE_UP.test(value) && !saysNothing) throw new Error(`${sample.about}, without ${path.join(".")}: ${value}`);
		}
	});

	test("fields of wrong types, huge and deep ones, and noise harm nothing", () => {
		const all = [...samples, ...FOREIGN];
		const sampleOf = fc.integer({ min: 0, max: all.length - 1 }).map((index) => all[index] as Sample);
		const damaged = sampleOf.chain((sample) => {
			const json = parsed(sample.payload);
			const bytes = Buffer.from(sample.payload);
			const noise = fc.uint8Array({ maxLength: 300 }).map((random) => Buffer.from(random));
			const flipped = fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
				const copy = Buffer.from(bytes);
				if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ mask;
				return copy;
			});
			if (json === undefined) return fc.oneof(noise, flipped).map((payload) => ({ sample, payload }));
			const paths = pathsOf(json).slice(1);
			const retyped =
				paths.length === 0
					? noise
					: fc
							.tuple(fc.constantFrom(...paths), fc.constantFrom(...NASTY))
							.map(([path, value]) => Buffer.from(JSON.stringify(changed(json, path, (parent, key) => (parent[key] = value)))));
			return fc
				.oneof({ weight: 6, arbitrary: retyped }, { weight: 2, arbitrary: flipped }, { weight: 1, arbitrary: noise })
				.map((payload) => ({ sample, payload }));
		});
		// Decoders keep state, so that one lives through many messages.
		let made = listenerFor(profile, all[0] as Sample);
		let heard = 0;
		fc.assert(
			fc.property(damaged, ({ sample, payload }) => {
				if (++heard % 500 === 0) made = listenerFor(profile, sample);
				timed(sample, payload, made);
			}),
			{ numRuns: share },
		);
		for (const sample of samples)
			for (const payload of [nested(30_000), deepObject(12_000), `[${"1,".repeat(30_000)}1]`, "9".repeat(60_000), "\0".repeat(60_000)])
				timed(sample, payload);
	}, 300_000);
});

/** `undefined`: no JSON with fields. */
function parsed(payload: string | Buffer): unknown {
	try {
		const json: unknown = JSON.parse(payload.toString());
		return typeof json === "object" && json !== null ? json : undefined;
	} catch {
		return undefined;
	}
}
