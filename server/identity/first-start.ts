import type { Logger } from "../platform/logger.ts";
import type { DemoAccounts } from "./demo-accounts.ts";
import type { SetUpService } from "./set-up-service.ts";

/**
 * At each start: the demo's accounts where there shall be any, else the first administrator's link while there is no account.
 * The link is written to standard output and never to the log, which is kept and shipped; a start makes a new one.
 */
export async function firstStart(options: {
	demo: boolean;
	demoAccounts: DemoAccounts;
	setUp: SetUpService;
	/** Where people reach the dashboard, e.g. `http://127.0.0.1:8080`. */
	address: string;
	logger: Logger;
	say(text: string): void;
}): Promise<void> {
	if (options.demo) {
		await options.demoAccounts.start();
		return;
	}
	const path = await options.setUp.firstAdministratorLink();
	if (path === null) return;
	options.logger.info("there is no account yet; the first administrator's one-time link is on standard output");
	options.say(
		`\nNo account yet. The first administrator (security administrator) sets one up here, once, within 72 hours:\n\n  ${options.address}${path}\n\n`,
	);
}
