import { AppError } from "../platform/errors.ts";
import type { AccountService } from "./account-service.ts";
import { lockAccount } from "./identity-store.ts";
import type { RightsAccounts } from "./rights-kinds.ts";

/** The accounts as changes of rights see them. */
export function rightsAccounts(accounts: AccountService): RightsAccounts {
	return {
		async find(transaction, id) {
			const row = await lockAccount(transaction, id);
			return row ? { id, username: row.username, name: row.name, status: row.closed_at === null ? "active" : "closed" } : null;
		},
		async close(transaction, id, { by, now }) {
			if (by.id === id) throw new AppError("own-account", 409, "Nobody closes their own account.");
			await accounts.endAccount(transaction, id, now);
		},
	};
}
