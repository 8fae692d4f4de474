import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Proposal } from "../../contracts/changes.ts";
import { type Adoption, adoptionSchema, adoptionText } from "../../contracts/onboarding.ts";
import type { ChangeKind } from "../approvals/change-kind.ts";
import type { Json } from "../ledger/ledger-entry.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { conflict, invalid, notFound } from "../platform/errors.ts";
import { adoptionProblems } from "./check-adoption.ts";
import type { DeviceBook } from "./device-book.ts";
import { addDeviceVersion, lockDevices, newestDevices } from "./device-store.ts";

type DeviceProposal = Extract<Proposal, { kind: "device" }>;

const WEEK = 7 * 86_400_000;

/**
 * Adding, changing and removing a device takes two people, who see it with its points and rules as it would stand in the site file.
 * Devices of the site file are changed there.
 */
export function deviceChange(book: Pick<DeviceBook, "file" | "refresh">): ChangeKind<DeviceProposal> {
	/** What it would do, with the versions there are; nobody else agrees on a device meanwhile. */
	const look = async (transaction: AnyTransaction, { device: id, change }: DeviceProposal) => {
		await lockDevices(transaction);
		const newest = await newestDevices(transaction);
		const before = newest.get(id);
		const others = [...newest.values()].flatMap(({ device, definition }) => (device !== id && definition ? [definition] : []));
		const after = change.act === "set" ? adoptionSchema.parse(change.definition) : null;
		return { before, others, after, version: (before?.version ?? 0) + 1 };
	};
	return {
		kind: "device",
		propose: "devices.propose",
		approve: "devices.approve",
		expiresAfter: WEEK,
		async describe(transaction, proposal) {
			const { device: id } = proposal;
			const { before, others, after, version } = await look(transaction, proposal);
			const file = book.file();
			if (!after && !before?.definition) throw notFound("added device", id);
			if (after && [...file.rooms, ...file.racks].some(({ devices }) => devices.some((one) => one.id === id)))
				throw conflict("device-in-site-file", `The site file has a device ${id}; it is changed there.`);
			const errors = after ? adoptionProblems(file, others, after, id) : [];
			if (errors.length > 0) throw invalid("The device doesn't fit into the site.", errors);
			if (digest(before?.definition ?? null) === digest(after)) throw conflict("device-unchanged", `The device ${id} is so already.`);
			const act = !before?.definition ? "Add" : !after ? "Remove" : "Change";
			const name = (after ?? before?.definition)?.device.name ?? id;
			return {
				subject: id,
				site: file.id,
				title: `${act} the device ${name}`,
				before: { version: before?.version ?? 0, definition: written(before?.definition ?? null) },
				after: { version, definition: written(after) },
			};
		},
		async apply(transaction, { id: change, proposal, proposer, approver, now }) {
			const { after, version } = await look(transaction, proposal);
			const { device } = proposal;
			const by = { proposedBy: proposer.id, approvedBy: approver.id };
			await addDeviceVersion(transaction, { device, version, definition: after, at: now, change, ...by });
			const act = after ? "set" : "remove";
			return [{ type: "device.agreed", version: 1, at: now, data: { device, version, act, definition: digest(after), change, ...by } }];
		},
		applied: () => book.refresh(),
	};
}

const written = (adoption: Adoption | null): Json => (adoption ? (JSON.parse(JSON.stringify(adoptionText(adoption))) as Json) : null);

/** SHA-256 of the written device in canonical form (RFC 8785), in hex; `null`: there is none. */
const digest = (adoption: Adoption | null): string | null =>
	adoption
		? createHash("sha256")
				.update(canonicalize(written(adoption)) ?? "")
				.digest("hex")
		: null;
