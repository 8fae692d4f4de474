/** How the units that devices send become those of points (kinds.ts); pure. Each value is converted once, by the agent. */

/** `value * factor + offset` is in the point's unit. */
export interface Conversion {
	factor: number;
	offset: number;
}
const SAME: Conversion = { factor: 1, offset: 0 };
const by = (factor: number, offset = 0): Conversion => ({ factor, offset });

/** By the point's unit, then by the unit that the device says. */
const CONVERSIONS: Readonly<Record<string, Readonly<Record<string, Conversion>>>> = {
	"°C": { C: SAME, "°F": by(5 / 9, -160 / 9), F: by(5 / 9, -160 / 9), K: by(1, -273.15) },
	"%RH": { "%": SAME },
	"%": { "%RH": SAME },
	V: { mV: by(1e-3), kV: by(1e3) },
	A: { mA: by(1e-3), kA: by(1e3) },
	W: { mW: by(1e-3), kW: by(1e3), MW: by(1e6) },
	VA: { kVA: by(1e3) },
	kWh: { Wh: by(1e-3), MWh: by(1e3), Wmin: by(1 / 60_000), J: by(1 / 3.6e6), kJ: by(1 / 3.6e3) },
	Hz: { mHz: by(1e-3), kHz: by(1e3), dHz: by(0.1) },
	min: { ns: by(1 / 6e10), us: by(1 / 6e7), ms: by(1 / 6e4), s: by(1 / 60), h: by(60), d: by(1_440) },
	s: { ns: by(1e-9), us: by(1e-6), ms: by(1e-3), min: by(60), h: by(3_600) },
	ms: { ns: by(1e-6), us: by(1e-3), s: by(1e3), min: by(6e4) },
	"m³/h": { "m³/s": by(3_600), "l/s": by(3.6), "L/s": by(3.6), "l/min": by(0.06), "L/min": by(0.06), CFM: by(1.699_010_796), cfm: by(1.699_010_796) },
	Pa: {
		hPa: by(100),
		mbar: by(100),
		kPa: by(1e3),
		bar: by(1e5),
		mmHg: by(133.322_387_415),
		inHg: by(3_386.389),
		psi: by(6_894.757_293),
		inH2O: by(249.088_9),
	},
	hPa: { Pa: by(0.01), mbar: SAME, kPa: by(10), bar: by(1e3), mmHg: by(1.333_223_874_15), inHg: by(33.863_89), psi: by(68.947_572_93) },
	Ω: { ohm: SAME, kΩ: by(1e3), kohm: by(1e3), mΩ: by(1e-3), MΩ: by(1e6) },
	"mm/s": { "m/s": by(1e3), "in/s": by(25.4) },
};

/** Units as other software writes them, in small letters and without spaces, dots, dashes and strokes. */
const SPELLINGS: Readonly<Record<string, string>> = {
	...spelled("°C", ["degc", "°c", "ºc", "℃", "celsius", "degcelsius", "degreec", "degreesc", "degreecelsius", "degreescelsius", "centigrade"]),
	...spelled("°F", ["degf", "°f", "ºf", "℉", "fahrenheit", "degfahrenheit", "degreef", "degreesf", "degreefahrenheit", "degreesfahrenheit"]),
	...spelled("K", ["kelvin"]),
	...spelled("%", ["percent", "pct", "%"]),
	...spelled("%RH", ["%rh", "rh%", "%relhumidity", "percentrh"]),
	...spelled("V", ["volt", "volts", "vac", "vdc"]),
	...spelled("A", ["amp", "amps", "ampere", "amperes", "aac", "adc"]),
	...spelled("W", ["watt", "watts"]),
	...spelled("kW", ["kilowatt", "kilowatts"]),
	...spelled("kWh", ["kilowatthour", "kilowatthours"]),
	...spelled("Hz", ["hertz"]),
	...spelled("Pa", ["pascal", "pascals"]),
	...spelled("s", ["sec", "secs", "second", "seconds"]),
	...spelled("min", ["mins", "minute", "minutes"]),
	...spelled("h", ["hr", "hrs", "hour", "hours"]),
};
function spelled(unit: string, words: readonly string[]): Record<string, string> {
	return Object.fromEntries(words.map((word) => [word, unit]));
}

/** How a device's unit becomes a point's; `null`: it can't. */
export function conversionOf(from: string, to: string): Conversion | null {
	if (from === to) return SAME;
	const own = Object.hasOwn(CONVERSIONS, to) ? CONVERSIONS[to] : undefined;
	if (own && Object.hasOwn(own, from)) return own[from] ?? null;
	const word = from.toLowerCase().replace(/[\s._-]/g, "");
	const meant = Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined;
	return meant === undefined || meant === from ? null : conversionOf(meant, to);
}
/** A value in the point's unit; 12 digits are kept, so that 71.6 °F is 22 °C. */
export function convert(value: number, { factor, offset }: Conversion): number {
	return factor === 1 && offset === 0 ? value : Number((value * factor + offset).toPrecision(12));
}
/** Units that a point of this unit takes, its own first. */
export function unitsFor(unit: string): string[] {
	return [unit, ...Object.keys((Object.hasOwn(CONVERSIONS, unit) && CONVERSIONS[unit]) || {})];
}
