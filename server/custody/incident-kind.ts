import type { Proposal } from "../../contracts/changes.ts";
import type { IncidentOutcome } from "../../contracts/media.ts";
import type { ChangeKind } from "../approvals/change-kind.ts";
import type { Json, LedgerEntry } from "../ledger/ledger-entry.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { conflict, invalid, notFound } from "../platform/errors.ts";
import type { SamePerson } from "../platform/same-person.ts";
import {
	closeIncident,
	isUnderWay,
	lockIncident,
	lockMedium,
	renameMedium,
	type StoredIncident,
	type StoredMedium,
	updateMedium,
} from "./custody-store.ts";
import type { Custody, Medium } from "./medium.ts";
import { identityOf } from "./vendors.ts";

type IncidentProposal = Extract<Proposal, { kind: "media-incident" }>;

export interface IncidentKindOptions {
	site: () => string;
	/** Whether somebody may handle media; it stays so until the transaction is over. */
	mayHandle: (transaction: AnyTransaction, account: string) => Promise<boolean>;
	hasStore: (transaction: AnyTransaction, id: string) => Promise<boolean>;
	samePerson: SamePerson;
}

const WEEK = 7 * 86_400_000;

/** A chain that stands still goes on, or ends, when two people agree on how (MED-2). */
export function incidentRelease({ site, mayHandle, hasStore, samePerson }: IncidentKindOptions): ChangeKind<IncidentProposal> {
	return {
		kind: "media-incident",
		propose: "media.manage",
		approve: "media.approve",
		expiresAfter: WEEK,
		async describe(transaction, { incident: id, outcome }) {
			const { incident, stored } = await look(transaction, id);
			await check(transaction, stored, outcome, { mayHandle, hasStore });
			const { serial, maker, custody, seal, type, steps } = stored.medium;
			return {
				subject: id,
				site: site(),
				title: `Release the chain of ${maker} ${serial} (${incident.kind})`,
				before: { incident: incident.kind, detail: incident.detail, serial, type, seal, custody: whereText(custody), steps },
				after: outcomeText(outcome),
			};
		},
		async apply(transaction, { id, proposal, proposer, approver, now }): Promise<LedgerEntry[]> {
			const { incident, stored } = await look(transaction, proposal.incident);
			await check(transaction, stored, proposal.outcome, { mayHandle, hasStore });
			if (involved(incident, stored.medium, proposal.outcome).some((account) => samePerson(approver.id, account)))
				throw conflict("own-incident", "You told of the incident, had the medium then, or would get it: somebody else approves how it ends.");
			const after = releasedBy(stored.medium, proposal.outcome, now);
			await updateMedium(transaction, after, {
				...(after.done.length === 0 && { destroyedAt: null }),
				...(after.custody.kind === "bay" && { removedAt: null }),
				...(after.custody.kind !== "bay" && stored.removedAt === null && !after.lost && { removedAt: now }),
			});
			if (after.serial !== stored.medium.serial) await renameMedium(transaction, after.id, identityOf(after));
			await closeIncident(transaction, incident.id, { at: now, outcome: proposal.outcome.kind, change: id });
			const { id: medium, batch } = stored.medium;
			const data = { incident: incident.id, medium, batch, outcome: proposal.outcome.kind, change: id };
			const by = { proposedBy: proposer.id, approvedBy: approver.id };
			return [{ type: "media.incident-released", version: 1, at: now, data: { ...data, ...by } }];
		},
	};
}

/** Whose word proves nothing: who opened the incident, has the medium by the records, or takes it over by this outcome. */
function involved({ opened_by }: StoredIncident, { custody }: Medium, outcome: IncidentOutcome): string[] {
	const taker = outcome.kind === "resume" && "account" in outcome.custodian ? outcome.custodian.account : null;
	return [opened_by, custody.kind === "person" ? custody.account : null, taker].filter((account) => account !== null);
}

/** What two people make of a medium whose chain stands still. Times are Unix ms. */
export function releasedBy(medium: Medium, outcome: IncidentOutcome, now: number): Medium {
	const free = { ...medium, incident: null, offer: null };
	if (outcome.kind === "lost") return { ...free, lost: true };
	if (outcome.kind === "still-installed") return { ...free, custody: { kind: "bay" }, seal: null, done: [], unverified: null };
	const { custodian, seal, redo, type, serial, damaged } = outcome;
	const custody: Custody =
		"store" in custodian ? { kind: "store", store: custodian.store, since: now } : { kind: "person", account: custodian.account, since: now };
	// Of another type, what was done so far may have been the wrong thing.
	const anew = redo || (type !== undefined && type !== medium.type) || (damaged === true && !medium.damaged);
	return {
		...free,
		custody,
		seal,
		type: type ?? medium.type,
		serial: serial ?? medium.serial,
		damaged: damaged ?? medium.damaged,
		...(anew && { done: [], unverified: null }),
	};
}

async function look(transaction: AnyTransaction, id: string): Promise<{ incident: StoredIncident; stored: StoredMedium }> {
	const found = await lockIncident(transaction, id);
	if (!found || found.medium === null) throw notFound("incident of a medium", id);
	const stored = await lockMedium(transaction, found.medium);
	if (!stored) throw notFound("medium", found.medium);
	if (found.closed_at !== null) throw conflict("incident-closed", "The incident is closed.");
	return { incident: found, stored };
}

async function check(
	transaction: AnyTransaction,
	{ medium, certificate }: StoredMedium,
	outcome: IncidentOutcome,
	{ mayHandle, hasStore }: Pick<IncidentKindOptions, "mayHandle" | "hasStore">,
): Promise<void> {
	if (outcome.kind === "still-installed" && medium.done.length + (medium.unverified ? 1 : 0) > 0)
		throw conflict("already-treated", "Something was done to the medium already: it can't be in its bay as if nothing had happened.");
	if (outcome.kind !== "resume") return;
	const { custodian, redo, type, serial, damaged, seal } = outcome;
	if ("store" in custodian && !(await hasStore(transaction, custodian.store)))
		throw invalid("There is no such store.", [{ field: "outcome.custodian.store", message: "expected the id of a store" }]);
	if ("account" in custodian && !(await mayHandle(transaction, custodian.account)))
		throw invalid("This person can't take it.", [
			{ field: "outcome.custodian.account", message: "expected the id of an account that may handle media" },
		]);
	if (certificate !== null && (redo || type !== undefined || serial !== undefined || damaged !== undefined))
		throw conflict("already-certified", "The medium is destroyed and certified: nothing of it is done anew or corrected.");
	if (serial !== undefined && (await isUnderWay(transaction, identityOf({ maker: medium.maker, serial }), medium.id)))
		throw conflict("medium-known", `Another medium of ${medium.maker} with the serial number ${serial} is under way.`);
	if (certificate === null && seal === null && "store" in custodian)
		throw invalid("What goes into a store is sealed.", [{ field: "outcome.seal", message: "expected the number of the new seal" }]);
}

const whereText = (custody: Custody): string =>
	custody.kind === "person" ? `with ${custody.account}` : custody.kind === "store" ? `in the store ${custody.store}` : custody.kind;

function outcomeText(outcome: IncidentOutcome): Json {
	if (outcome.kind !== "resume") return { outcome: outcome.kind };
	const { custodian, seal, redo, type, serial, damaged } = outcome;
	return {
		outcome: "resume",
		custody: "store" in custodian ? `in the store ${custodian.store}` : `with ${custodian.account}`,
		seal,
		redo,
		...(type !== undefined && { type }),
		...(serial !== undefined && { serial }),
		...(damaged !== undefined && { damaged }),
	};
}
