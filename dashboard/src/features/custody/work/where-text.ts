import type { MediumView } from "../../../../../contracts/media.ts";
import type { Work } from "./device-store.ts";

/** Who has it, or where it is; `null`: in a bay that nobody has named. */
export function whereText({ custody, source }: MediumView, work: Work): string | null {
	if (custody.kind === "person") return custody.person.name;
	if (custody.kind === "store") return work.stores.find(({ id }) => id === custody.store)?.name ?? custody.store;
	if (custody.kind === "gone") return custody.to;
	return source && `${source.asset}, ${source.bay}`;
}
