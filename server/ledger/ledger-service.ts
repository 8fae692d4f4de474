import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { leafOf } from "./leaf.ts";
import type { LedgerAppender, LedgerEntry } from "./ledger-entry.ts";
import { LedgerStore } from "./ledger-store.ts";

/** The ledger: appends, signed checkpoints, proofs. */
export class LedgerService implements LedgerAppender {
	readonly #store: LedgerStore;

	constructor({ database }: { database: Database }) {
		this.#store = new LedgerStore(database);
	}

	append(transaction: AnyTransaction, entry: LedgerEntry): Promise<number> {
		return this.#store.append(transaction, leafOf(entry));
	}
}
