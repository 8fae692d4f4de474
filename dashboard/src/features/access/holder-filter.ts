/** Which people a filter shows, and which part of it hides them all; pure. */
import type { HolderView } from "../../../../contracts/access.ts";

export interface HolderFilter {
	/** Part of name, company or post. */
	search?: string | undefined;
	kind?: string | undefined;
	status?: string | undefined;
	post?: string | undefined;
	/** People come from the server by zone: who may enter it is known there. */
	zone?: string | undefined;
}
type Part = Exclude<keyof HolderFilter, "zone">;

const FITS: Readonly<Record<Part, (holder: HolderView, wanted: string) => boolean>> = {
	search: ({ name, company, post }, wanted) => `${name} ${company ?? ""} ${post ?? ""}`.toLowerCase().includes(wanted.toLowerCase()),
	kind: ({ kind }, wanted) => kind === wanted,
	status: ({ status }, wanted) => status === wanted,
	post: ({ post }, wanted) => post === wanted,
};
const PARTS = ["search", "kind", "status", "post"] as const satisfies readonly Part[];

export function filtered(people: readonly HolderView[], filter: HolderFilter): HolderView[] {
	return people.filter((holder) =>
		PARTS.every((part) => {
			const wanted = filter[part]?.trim();
			return !wanted || FITS[part](holder, wanted);
		}),
	);
}

/** For each part in use, how many would be shown without it. `inZone`: who may enter the filter's zone, or everybody. */
export function withoutEach(
	everybody: readonly HolderView[],
	inZone: readonly HolderView[],
	filter: HolderFilter,
): { part: keyof HolderFilter; count: number }[] {
	return ([...PARTS, "zone"] as const)
		.filter((part) => filter[part]?.trim())
		.map((part) => ({ part, count: filtered(part === "zone" ? everybody : inZone, { ...filter, [part]: undefined }).length }));
}
