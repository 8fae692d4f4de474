import { join } from "node:path";
import type { AccessService } from "../access/access-service.ts";
import { custodyConditions, type OwnCondition } from "../alarms/own-conditions.ts";
import type { ApprovalService } from "../approvals/approval-service.ts";
import type { Audit } from "../audit/audit.ts";
import type { AccountService } from "../identity/account-service.ts";
import { rolesAllow } from "../identity/rights.ts";
import type { RightsService } from "../identity/rights-service.ts";
import type { LedgerService } from "../ledger/ledger-service.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import type { Route } from "../platform/http/route.ts";
import type { Logger } from "../platform/logger.ts";
import type { SamePerson } from "../platform/same-person.ts";
import type { WorldSource } from "../site/world-source.ts";
import { certificatesRoutes } from "./certificates-routes.ts";
import { CertificatesService } from "./certificates-service.ts";
import { custodyRoutes } from "./custody-routes.ts";
import { CustodyService } from "./custody-service.ts";
import { CustodyWatch } from "./custody-watch.ts";
import { EquipmentService } from "./equipment-service.ts";
import { incidentRelease } from "./incident-kind.ts";
import { ordersRoutes } from "./orders-routes.ts";
import { OrdersService } from "./orders-service.ts";
import { PhotoFiles } from "./photo-files.ts";
import { policies, policyChange } from "./policy-kind.ts";
import { StoresService } from "./stores-service.ts";

export interface CustodyPartOptions {
	world: WorldSource;
	database: Database;
	accounts: Pick<AccountService, "people">;
	rights: Pick<RightsService, "holds" | "holdersOf" | "rolesOfMany">;
	access: Pick<AccessService, "wasThere">;
	samePerson: SamePerson;
	/** The holder of the access register whose account it is; `null`: nobody has said. */
	personOf: (account: string) => string | null;
	/** The kinds of change of this part are registered here. */
	approvals: Pick<ApprovalService, "register" | "ledgerIndexOf">;
	audit: Audit;
	ledger: LedgerService;
	/** Folder of the server's data. */
	data: string;
	/** Address of the dashboard, without a slash at its end. */
	address: string;
	clock: Clock;
	logger: Logger;
}

export interface CustodyPart {
	routes: Route[];
	/** The server's own conditions of this part. */
	conditions(): OwnCondition[];
	start(): Promise<void>;
	/** Idempotent. */
	stop(): Promise<void>;
}

/** The custody of storage media, put together. */
export function custodyPart(options: CustodyPartOptions): CustodyPart {
	const { world, database, accounts, rights, access, samePerson, personOf, approvals, audit, ledger, data, address, clock, logger } = options;
	const site = () => world.current().site.id;
	const common = {
		database,
		audit,
		ledger,
		clock,
		rooms: () => world.current().site.rooms.map(({ id }) => id),
		people: (ids: readonly string[], transaction?: AnyTransaction) => accounts.people(ids, transaction),
		mayHandle: (transaction: AnyTransaction, account: string) => rights.holds(transaction, account, "media.handle", site(), clock.now()),
	};
	const handlers = async () => {
		const holders = await rights.holdersOf("media.handle", site(), clock.now());
		return [...(await accounts.people(holders)).values()].map(({ id, name }) => ({ id, name }));
	};
	const ableOf = async (asked: readonly string[]) => {
		const roles = await rights.rolesOfMany(asked, clock.now());
		return new Set(asked.filter((account) => rolesAllow(roles.get(account) ?? [], "media.handle", site())));
	};

	const photos = new PhotoFiles({ database, directory: join(data, "photos"), clock, logger });
	const equipment = new EquipmentService(common);
	const custody = new CustodyService({
		...common,
		samePerson,
		personOf,
		timeZone: () => world.current().site.timeZone,
		seen: (transaction, account, room, at) => access.wasThere(transaction, account, room, at),
		equipment,
		stores: { roomOf: (transaction, id) => stores.roomOf(transaction, id) },
		photos,
		certify: (...asked) => certificates.certify(...asked),
	});
	const certificates = new CertificatesService({
		database,
		ledger,
		people: common.people,
		roles: (transaction, asked, now) => rights.rolesOfMany(asked, now, transaction),
		photos,
		approvals,
		site,
		rooms: () => world.current().site.rooms.map(({ id, name }) => ({ id, name })),
		address,
	});
	const stores = new StoresService({ ...common, custody, doors: () => world.current().site.doors.map(({ id }) => id) });
	const orders = new OrdersService({ ...common, custody, certifyBatch: (...asked) => certificates.certifyBatch(...asked) });
	const watch = new CustodyWatch({ database, custody, ableOf, clock, logger });

	const hasStore = async (transaction: AnyTransaction, id: string) => (await stores.roomOf(transaction, id)) !== undefined;
	approvals.register(incidentRelease({ site, mayHandle: common.mayHandle, hasStore, samePerson }));
	approvals.register(policyChange(site));
	return {
		routes: [
			...custodyRoutes({ custody, orders, stores, equipment, photos, policies: () => policies(database), handlers }),
			...ordersRoutes(orders),
			...certificatesRoutes(certificates),
		],
		conditions: () => custodyConditions(watch.troubles()),
		start: () => watch.start(),
		stop: () => watch.stop(),
	};
}
