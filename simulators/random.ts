/** A seeded source of chance: the same seed gives the same sequence on every machine. Not for secrets. */
export interface Random {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform in [low, high). */
	between(low: number, high: number): number;
	/** Normally distributed, mean 0, deviation 1. */
	normal(): number;
	/** One of the list; throws a RangeError for an empty one. */
	pick<T>(list: readonly T[]): T;
}

/** SplitMix32 (Steele, Lea, Flood 2014, reduced to 32 bits). */
export function createRandom(seed: number): Random {
	let state = seed | 0;
	const next = () => {
		state = (state + 0x9e3779b9) | 0;
		let mixed = state ^ (state >>> 16);
		mixed = Math.imul(mixed, 0x21f0aaad);
		mixed ^= mixed >>> 15;
		mixed = Math.imul(mixed, 0x735a2d97);
		return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
	};
	return {
		next,
		between: (low, high) => low + next() * (high - low),
		// Box-Muller; 1 - next() keeps the logarithm's argument above zero.
		normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
		pick: (list) => {
			const one = list[Math.floor(next() * list.length)];
			if (one === undefined) throw new RangeError("nothing to pick from");
			return one;
		},
	};
}

/** A number for a text, for seeds and phases (FNV-1a). */
export function hashText(text: string): number {
	let hash = 0x811c9dc5;
	for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
	return hash >>> 0;
}
