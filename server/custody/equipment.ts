/** Whether a machine may be used on a medium (MED-3); pure, times are Unix ms. */
import type { ChainStep, MediumView } from "../../contracts/media.ts";
import { type EquipmentKind, MACHINES, type RecordKind, type SanitizationPolicy } from "../../contracts/media-orders.ts";
import { coercivityFor } from "../../contracts/media-policy.ts";

export interface EquipmentRecord {
	kind: RecordKind;
	at: number;
	validUntil: number;
	passed: boolean;
}
export interface Equipment {
	id: string;
	name: string;
	maker: string;
	model: string;
	serial: string;
	kind: EquipmentKind;
	fieldOe: number | null;
	particleMm: number | null;
	version: string | null;
	retiredAt: number | null;
	records: readonly EquipmentRecord[];
}

/** The record that counts for a kind at a moment: the newest one made by then, passed or not. */
export function standing(records: readonly EquipmentRecord[], kind: RecordKind, at: number): EquipmentRecord | undefined {
	return records
		.filter((record) => record.kind === kind && record.at <= at)
		.reduce<EquipmentRecord | undefined>((newest, record) => (newest === undefined || record.at >= newest.at ? record : newest), undefined);
}

/** Until when all records that the machine needs are in date; `null`: at this moment they are not. */
export function inDateUntil({ kind, records }: Pick<Equipment, "kind" | "records">, at: number): number | null {
	let until = Number.POSITIVE_INFINITY;
	for (const need of MACHINES[kind].needs) {
		const record = standing(records, need, at);
		if (!record?.passed || record.validUntil <= at) return null;
		until = Math.min(until, record.validUntil);
	}
	return until;
}

/** Why a machine may not be used at all at a moment, in words; `null`: it may. */
export function unfitness(equipment: Equipment, at: number): string | null {
	if (equipment.retiredAt !== null && equipment.retiredAt <= at) return `${equipment.name} was taken out of service.`;
	for (const need of MACHINES[equipment.kind].needs) {
		const record = standing(equipment.records, need, at);
		if (!record) return `${equipment.name} has no ${need} record.`;
		if (!record.passed) return `${equipment.name} did not pass its last ${need}.`;
		if (record.validUntil <= at) return `The ${need} of ${equipment.name} ran out on ${new Date(record.validUntil).toISOString().slice(0, 10)}.`;
	}
	return null;
}

/** Why a machine must not be used for a step of a medium's chain; `null`: it may. `allowed`: the next steps that the policy allows. */
export function unfitFor(
	equipment: Equipment,
	medium: Pick<MediumView, "type" | "maker" | "model" | "coercivityOe">,
	allowed: readonly ChainStep[],
	policy: SanitizationPolicy,
	at: number,
): string | null {
	const unfit = unfitness(equipment, at);
	if (unfit) return unfit;
	if (equipment.kind === "degausser") {
		const needed = coercivityFor(policy, medium);
		if (equipment.fieldOe === null) return `The field strength of ${equipment.name} is not known.`;
		if (needed !== null && equipment.fieldOe <= needed)
			return `${equipment.name} has a field of ${equipment.fieldOe} Oe; the medium's coercivity of ${needed} Oe takes more.`;
	}
	const sizes = allowed.flatMap(({ particleMm }) => particleMm ?? []);
	if (sizes.length === 0 || sizes.length < allowed.length) return null;
	const largest = Math.max(...sizes);
	if (equipment.particleMm === null) return `The particle size of ${equipment.name} is not known.`;
	if (equipment.particleMm > largest)
		return `${equipment.name} leaves pieces of up to ${equipment.particleMm} mm; the policy allows ${largest} mm for this medium.`;
	return null;
}
