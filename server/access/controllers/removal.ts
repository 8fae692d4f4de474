/** How far a removal of access has come: decided in the register, confirmed by reading the controllers' lists back (ACC-4). */

/** What one controller had of something that was taken away. Times are Unix ms. */
export interface RemovalRecord {
	controller: string;
	door: string;
	/** Of the credential that opened the door. */
	credential: string;
	decidedAt: number;
	/** When the controller's list was read without it; `null` until then. */
	confirmedAt: number | null;
}

export interface RemovalProgress {
	/** `null` while a controller has not confirmed; with nothing to remove the time of the question's `since`. */
	confirmedAt: number | null;
	records: readonly RemovalRecord[];
}

/** Asked by leavers' clocks and reviews' remediation. */
export interface Removals {
	/** What was taken from these credentials, at these doors (all of them without `doors`), by decisions at `since` (Unix ms) or later. */
	progress(asked: { credentials: readonly string[]; doors?: readonly string[]; since: number }): Promise<RemovalProgress>;
	/** Calls back after a controller has confirmed something, within a second or two also where another server worked at it. MUST NOT throw. */
	onConfirmed(listener: () => void): void;
}
