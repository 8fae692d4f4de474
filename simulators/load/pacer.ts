/** Spreads messages evenly over time: after a pause of the process the lag is caught up at twice the rate, not in one burst. */
export interface Pacer {
	/** How many messages may go now, `elapsed` ms after the beginning. */
	due(elapsed: number): number;
	/** Says how many went. */
	sent(messages: number): void;
}

/** Longest pause that counts at once, ms. */
const LONGEST = 20;

/** `rate` in messages/s; `phase` (0 to 1) of a message's interval shifts the first one, so that connections take turns. */
export function createPacer(rate: number, phase: number): Pacer {
	let total = 0;
	let before = 0;
	let credit = 1;
	return {
		due(elapsed) {
			credit = Math.min(credit + (2 * rate * (elapsed - before)) / 1000, Math.max(1, (2 * rate * LONGEST) / 1000));
			before = elapsed;
			const behind = Math.floor((rate * elapsed) / 1000 + phase) - total;
			return Math.max(0, Math.min(behind, Math.floor(credit)));
		},
		sent(messages) {
			total += messages;
			credit -= messages;
		},
	};
}
