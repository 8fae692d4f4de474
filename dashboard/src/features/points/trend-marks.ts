import type uPlot from "uplot";

/** Something that happened at a moment, drawn as a line from top to bottom with a sign on it. */
export interface Mark {
	at: number;
	/** `raised` points down onto the line, `returned` is hollow, `acknowledged` a small bar, `door` a dot at the bottom. */
	kind: "raised" | "returned" | "acknowledged" | "door";
	/** CSS variable of the colour, such as `--critical`. */
	colour: string;
	label: string;
}

interface Drawn {
	marks: readonly Mark[];
	limits: readonly { value: number; label: string; colour: string }[];
	normal: { min: number; max: number } | null;
	scale: string;
}

/** Draws the normal range behind the lines, limits and marks before them. */
export function marksPlugin(now: () => Drawn): uPlot.Plugin {
	return {
		hooks: {
			drawClear: [(plot) => drawNormal(plot, now())],
			draw: [
				(plot) => {
					drawLimits(plot, now());
					drawMarks(plot, now());
				},
			],
		},
	};
}

function colourOf(name: string): string {
	return getComputedStyle(document.documentElement).getPropertyValue(name);
}

function drawNormal(plot: uPlot, { normal, scale }: Drawn): void {
	if (!normal || plot.scales[scale]?.min == null) return;
	const { ctx, bbox } = plot;
	const top = Math.max(bbox.top, plot.valToPos(normal.max, scale, true));
	const bottom = Math.min(bbox.top + bbox.height, plot.valToPos(normal.min, scale, true));
	if (bottom <= top) return;
	ctx.save();
	ctx.fillStyle = colourOf("--line");
	ctx.globalAlpha = 0.35;
	ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
	ctx.restore();
}

function drawLimits(plot: uPlot, { limits, scale }: Drawn): void {
	if (plot.scales[scale]?.min == null) return;
	const { ctx, bbox } = plot;
	ctx.save();
	ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
	ctx.textAlign = "right";
	for (const limit of limits) {
		const y = plot.valToPos(limit.value, scale, true);
		if (y < bbox.top || y > bbox.top + bbox.height) continue;
		ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
		ctx.strokeStyle = ctx.fillStyle = colourOf(limit.colour);
		ctx.lineWidth = devicePixelRatio;
		ctx.beginPath();
		ctx.moveTo(bbox.left, y);
		ctx.lineTo(bbox.left + bbox.width, y);
		ctx.stroke();
		ctx.setLineDash([]);
		ctx.strokeStyle = colourOf("--panel");
		ctx.lineWidth = 4 * devicePixelRatio;
		ctx.strokeText(limit.label, bbox.left + bbox.width - 4 * devicePixelRatio, y - 4 * devicePixelRatio);
		ctx.fillText(limit.label, bbox.left + bbox.width - 4 * devicePixelRatio, y - 4 * devicePixelRatio);
	}
	ctx.restore();
}

function drawMarks(plot: uPlot, { marks }: Drawn): void {
	const { ctx, bbox } = plot;
	const size = 5 * devicePixelRatio;
	ctx.save();
	for (const mark of marks) {
		const x = plot.valToPos(mark.at / 1000, "x", true);
		if (x < bbox.left || x > bbox.left + bbox.width) continue;
		const y = mark.kind === "door" ? bbox.top + bbox.height - size : bbox.top + size;
		ctx.strokeStyle = ctx.fillStyle = colourOf(mark.colour);
		ctx.lineWidth = devicePixelRatio;
		ctx.globalAlpha = 0.5;
		ctx.beginPath();
		ctx.moveTo(x, bbox.top);
		ctx.lineTo(x, bbox.top + bbox.height);
		if (mark.kind !== "door") ctx.stroke();
		ctx.globalAlpha = 1;
		ctx.lineWidth = 1.5 * devicePixelRatio;
		ctx.beginPath();
		if (mark.kind === "door") ctx.rect(x - size / 2, y - size, size, size * 2);
		else if (mark.kind === "acknowledged") ctx.rect(x - size, y, size * 2, size / 2);
		else {
			ctx.moveTo(x - size, y - size);
			ctx.lineTo(x + size, y - size);
			ctx.lineTo(x, y + size);
			ctx.closePath();
		}
		if (mark.kind === "raised") ctx.fill();
		ctx.stroke();
	}
	ctx.restore();
}
