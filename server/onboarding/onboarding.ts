import type { ApprovalService } from "../approvals/approval-service.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Route } from "../platform/http/route.ts";
import type { Logger } from "../platform/logger.ts";
import type { Realtime } from "../platform/realtime-port.ts";
import type { WorldSource } from "../site/world-source.ts";
import { DeviceBook } from "./device-book.ts";
import { deviceChange } from "./device-kind.ts";
import { onboardingRoutes } from "./onboarding-routes.ts";
import { SeenDevices } from "./seen-devices.ts";

export interface OnboardingPart {
	/** The site with the devices that were added to it. */
	book: DeviceBook;
	seen: SeenDevices;
	routes: Route[];
	register(approvals: Pick<ApprovalService, "register">): void;
}

/** Devices that come into the site without its file (EDG-8), put together. `world`: the site file. */
export function onboardingPart(options: {
	world: WorldSource;
	database: Database;
	realtime: Realtime;
	clock: Clock;
	logger: Logger;
}): OnboardingPart {
	const book = new DeviceBook(options);
	const seen = new SeenDevices({ ...options, world: book });
	return { book, seen, routes: onboardingRoutes(seen, book), register: (approvals) => approvals.register(deviceChange(book)) };
}
