/** Somebody's rights changed (`credential: null`), or one session or token of theirs ended. */
export interface IdentityChange {
	account: string;
	credential: string | null;
}

/** Tells whoever holds an actor of an account that it has to ask again. Told after the commit. */
export class IdentityChanges {
	readonly #listeners: ((change: IdentityChange) => void)[] = [];

	onChange(listener: (change: IdentityChange) => void): void {
		this.#listeners.push(listener);
	}

	tell(account: string, credentials: readonly (string | null)[] = [null]): void {
		for (const credential of credentials) for (const listener of this.#listeners) listener({ account, credential });
	}
}
