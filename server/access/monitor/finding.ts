/** What a look at access and door events found, and how other parts of the server learn of it. */
import type { FindingKind } from "../../../contracts/access.ts";

export interface FindingRecord {
	/** Grows. */
	id: number;
	kind: FindingKind;
	door: string | null;
	/** Id of the holder, where it is known. */
	holder: string | null;
	/** Id of the credential that was shown, where it is known. */
	credential: string | null;
	/** Id of the access or door event that showed it. */
	event: string | null;
	/** By the device's clock, Unix ms. */
	at: number;
	late: boolean;
	/** For people; names nobody. */
	detail: string;
	/** The site's rule that counted it; `null`: the server's own. */
	rule: string | null;
}

export interface Findings {
	/** The oldest first, each exactly once for who keeps the last id that it has seen. */
	after(id: number, kinds: readonly FindingKind[], limit: number): Promise<FindingRecord[]>;
	/** Calls back when there may be new ones. MUST NOT throw. */
	onNew(listener: () => void): void;
}

/** Who accompanies visitors: answered by the visits, asked by the monitor. */
export interface Escorts {
	/** The holder who had accepted to accompany this visitor at a moment (Unix ms); `null`: nobody, or no visitor. */
	escortOf(visitor: string, ts: number): string | null;
}
