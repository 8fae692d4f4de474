import type { Point } from "../../../../contracts/api.ts";

export interface PointFilter {
	/** Words that must all occur in id, name, place, kind or device, whatever their case. */
	text: string;
	room?: string | undefined;
	kind?: string | undefined;
	quality?: string | undefined;
}

/** The points that match. `qualityOf` answers a point's quality now. */
export function filterPoints(points: readonly Point[], filter: PointFilter, qualityOf: (id: string) => string): Point[] {
	const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
	return points.filter((point) => {
		if (filter.room !== undefined && point.room !== filter.room) return false;
		if (filter.kind !== undefined && point.kind !== filter.kind) return false;
		if (filter.quality !== undefined && qualityOf(point.id) !== filter.quality) return false;
		if (words.length === 0) return true;
		const text = `${point.id} ${point.name} ${point.location} ${point.kind}`.toLowerCase();
		return words.every((word) => text.includes(word));
	});
}
