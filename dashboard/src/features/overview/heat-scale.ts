/** Colours of the heat map: neutral grey where all is well, colour only beyond the recommended range (ISA-101). */

export type Metric = "temperature" | "power" | "humidity";
export const METRICS: readonly Metric[] = ["temperature", "power", "humidity"];
export type Theme = "dark" | "light";

export interface HeatScale {
	unit: string;
	/** Ends of the scale; fixed, so that a colour means the same every night. */
	min: number;
	max: number;
	/** ASHRAE TC 9.9 recommended range for temperature and humidity; for power the share of the rating that leaves room for a lost feed. */
	recommended: { min: number; max: number };
}

export const HEAT_SCALES: Readonly<Record<Metric, HeatScale>> = {
	temperature: { unit: "°C", min: 15, max: 35, recommended: { min: 18, max: 27 } },
	power: { unit: "%", min: 0, max: 120, recommended: { min: 0, max: 80 } },
	humidity: { unit: "%RH", min: 0, max: 100, recommended: { min: 20, max: 60 } },
};

type Lab = readonly [lightness: number, a: number, b: number];

/** OKLab, so that equal steps of the value look like equal steps of colour. */
const PALETTE: Readonly<Record<Theme, { cold: [Lab, Lab]; neutral: [Lab, Lab]; hot: [Lab, Lab, Lab] }>> = {
	dark: {
		cold: [lch(0.62, 0.15, 250), lch(0.5, 0.05, 245)],
		neutral: [lch(0.4, 0, 0), lch(0.49, 0, 0)],
		hot: [lch(0.62, 0.09, 75), lch(0.68, 0.17, 55), lch(0.6, 0.23, 27)],
	},
	light: {
		cold: [lch(0.6, 0.15, 250), lch(0.74, 0.05, 245)],
		neutral: [lch(0.84, 0, 0), lch(0.76, 0, 0)],
		hot: [lch(0.8, 0.1, 80), lch(0.72, 0.17, 58), lch(0.58, 0.22, 27)],
	},
};

/** Fill for a value on the metric's fixed scale, as `rgb(r g b)`. Values beyond the scale's ends take the colour of the end. */
export function heatColour(metric: Metric, value: number, theme: Theme): string {
	const { min, max, recommended } = HEAT_SCALES[metric];
	const { cold, neutral, hot } = PALETTE[theme];
	if (value < recommended.min) return css(mix(cold[0], cold[1], share(value, min, recommended.min)));
	if (value <= recommended.max) return css(mix(neutral[0], neutral[1], share(value, recommended.min, recommended.max)));
	const beyond = share(value, recommended.max, max);
	return css(beyond < 0.5 ? mix(hot[0], hot[1], beyond * 2) : mix(hot[1], hot[2], beyond * 2 - 1));
}

/** Whether a value lies in the recommended range, ends included. */
export function isRecommended(metric: Metric, value: number): boolean {
	const { recommended } = HEAT_SCALES[metric];
	return value >= recommended.min && value <= recommended.max;
}

function share(value: number, from: number, to: number): number {
	return to === from ? 0 : Math.min(1, Math.max(0, (value - from) / (to - from)));
}

function mix(from: Lab, to: Lab, part: number): Lab {
	return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part, from[2] + (to[2] - from[2]) * part];
}

function lch(lightness: number, chroma: number, hue: number): Lab {
	const angle = (hue * Math.PI) / 180;
	return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

/** OKLab to sRGB (Ottosson 2020). */
function css([lightness, a, b]: Lab): string {
	const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
	const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
	const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
	const channels = [
		4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
		-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
		-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
	];
	return `rgb(${channels.map(gamma).join(" ")})`;
}

function gamma(linear: number): number {
	const clipped = Math.min(1, Math.max(0, linear));
	return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
}
