/** What an import's rows would do to the register; pure, times are Unix ms. */
import type { ImportRowView } from "../../../contracts/access-import.ts";
import type { Card } from "../../../contracts/native-dialect.ts";
import type { FieldError } from "../../platform/errors.ts";
import type { ImportRow, ImportValues } from "./import-file.ts";
import { accountsOf, cardKey, type HolderRecord, type Register, sameHrName } from "./register.ts";
import { grantStatus } from "./register-view.ts";

export interface ImportContext {
	register: Register;
	/** Account ids by username. */
	accounts: ReadonlyMap<string, string>;
	/** The account that imports: nobody gives themselves access. */
	actor: string;
	mayGrant: boolean;
	now: number;
}
type HolderFields = Pick<HolderRecord, "name" | "kind" | "company" | "post" | "externalId" | "account" | "sponsor">;
export interface ImportAct {
	id: string;
	/** Whether the holder is new. */
	fresh: boolean;
	holder: HolderFields;
	/** What of it changes. */
	fields: readonly (keyof HolderFields)[];
	card: Card | null;
	fingerprint: string | null;
	zones: readonly string[];
	reason: string;
	until: number | null;
}
export interface ImportPlan {
	/** In the file's order. */
	rows: readonly ImportRowView[];
	/** In the order in which they must be done: who answers for somebody comes before. */
	acts: readonly ImportAct[];
}

const FIELDS = ["name", "kind", "company", "post", "externalId", "account", "sponsor"] as const;

/** Every row's fate. A row is refused as a whole; what leans on a refused row is refused too. */
export function planImport(rows: readonly ImportRow[], context: ImportContext): ImportPlan {
	const seen = new Set<string>();
	const found = rows.map((row) => {
		const decided = row.values ? decide(row.values, context) : row.errors;
		if (isErrors(decided)) return { row, act: null, errors: decided };
		const errors = twice(decided, seen);
		return errors.length > 0 ? { row, act: null, errors } : { row, act: decided, errors };
	});
	const ordered = order(
		found.flatMap(({ act }) => act ?? []),
		context.register,
	);
	const done = new Set(ordered);
	return {
		rows: found.map(({ row: { line, id }, act, errors }): ImportRowView => {
			if (!act) return { line, id, fate: "refused", changes: [], ends: 0, errors: [...errors] };
			if (!done.has(act)) {
				const message = "expected an employee of the register who has not left, or one of this file that is not refused and doesn't lean on this one";
				return { line, id, fate: "refused", changes: [], ends: 0, errors: [{ field: "sponsor", message }] };
			}
			const changes = changesOf(act);
			const fate = act.fresh ? "create" : changes.length > 0 ? "update" : "unchanged";
			return { line, id, fate, changes, ends: endsOf(act, context.register), errors: [] };
		}),
		acts: ordered.filter((act) => act.fresh || changesOf(act).length > 0),
	};
}

const isErrors = (decided: ImportAct | readonly FieldError[]): decided is readonly FieldError[] => Array.isArray(decided);

function changesOf({ fields, card, fingerprint, zones }: ImportAct): string[] {
	return [...fields, ...(card ? ["card"] : []), ...(fingerprint === null ? [] : ["fingerprint"]), ...(zones.length > 0 ? ["zones"] : [])];
}
const ownOf = (register: Register, id: string) => register.ownGrantsOf(id).filter(({ endedAt }) => endedAt === null);
const endsOf = ({ id, fresh, fields }: ImportAct, register: Register): number => (!fresh && fields.includes("post") ? ownOf(register, id).length : 0);

/** One row by itself. */
function decide(values: ImportValues, { register, accounts, actor, mayGrant, now }: ImportContext): ImportAct | readonly FieldError[] {
	const { id, name, kind, card, fingerprint, until } = values;
	const errors: FieldError[] = [];
	const refuse = (field: string, message: string) => errors.push({ field, message });
	const known = register.holders.get(id);
	if (known && known.leftAt !== null) return [{ field: "id", message: "this holder has left" }];
	if (!known && name === undefined) refuse("name", "expected the name of a new holder");
	if (!known && kind === undefined) refuse("kind", "expected the kind of a new holder");

	const account = values.account == null ? values.account : accounts.get(values.account);
	if (values.account != null && account === undefined) refuse("account", "expected the username of an account");
	if (account === actor || (known && accountsOf(known).includes(actor)))
		refuse("id", "nobody gives themselves access: somebody else must import this row");
	const before: HolderFields = known ?? { name: "", kind: "visitor", company: null, post: null, externalId: null, account: null, sponsor: null };
	const given = { name, kind, company: values.company, post: values.post, externalId: values.externalId, account, sponsor: values.sponsor };
	const holder: HolderFields = {
		name: given.name ?? before.name,
		kind: given.kind ?? before.kind,
		company: given.company === undefined ? before.company : given.company,
		post: given.post === undefined ? before.post : given.post,
		externalId: given.externalId === undefined ? before.externalId : given.externalId,
		account: given.account === undefined ? before.account : given.account,
		sponsor: given.sponsor === undefined ? before.sponsor : given.sponsor,
	};
	for (const other of register.holders.values()) {
		if (other.id === id) continue;
		if (sameHrName(other.externalId, holder.externalId)) refuse("externalId", "another holder has this HR name");
		if (holder.account !== null && accountsOf(other).includes(holder.account)) refuse("account", "another holder has this account");
	}
	if (until !== null && until <= now) refuse("until", "expected a time to come");

	const fields = FIELDS.filter((field) => (known ? holder[field] !== known[field] : holder[field] !== null));
	const moves = known !== undefined && fields.includes("post");
	const issued = (field: string, held: { holder: string; state: string } | undefined): boolean => {
		if (!held || held.state === "returned") return false;
		if (held.holder !== id) refuse(field, "this is somebody else's; it must be returned first");
		else if (held.state !== "active") refuse(field, `this is ${held.state}; change its state first`);
		return true;
	};
	const hasCard = card === null || issued("cardNumber", register.credentialByCard(card, now));
	const hasFingerprint = fingerprint === null || issued("fingerprint", register.credentialByFingerprint(fingerprint, now));

	for (const zone of values.zones ?? []) if (!register.zones.has(zone)) refuse("zones", `expected zones of ${[...register.zones.keys()].join(", ")}`);
	const has = new Set(moves ? [] : ownOf(register, id).flatMap((grant) => (grantStatus(grant, now) === "ended" ? [] : grant.zone)));
	const zones = (values.zones ?? []).filter((zone) => !has.has(zone));
	if (zones.length > 0) {
		if (!mayGrant) refuse("zones", "this takes the right to give and take access to zones");
		if (holder.sponsor === null) refuse("sponsor", "expected the id of the employee who answers for the zones");
		if (values.reason === null) refuse("reason", "expected why the zones are given");
	}
	if (errors.length > 0) return errors;
	return {
		id,
		fresh: !known,
		holder,
		fields,
		card: hasCard ? null : card,
		fingerprint: hasFingerprint ? null : fingerprint,
		zones,
		reason: values.reason ?? "",
		until,
	};
}

/** What of a row stands in a row before it; only what counts is remembered, so that a refused row takes nothing from others. */
function twice({ id, holder: { externalId, account }, card, fingerprint }: ImportAct, seen: Set<string>): FieldError[] {
	const keys = [
		["id", id],
		["externalId", externalId === null ? null : externalId.toLowerCase()],
		["account", account],
		["cardNumber", card && cardKey(card)],
		["fingerprint", fingerprint],
	] as const;
	const names = keys.flatMap(([field, value]) => (value === null ? [] : [{ field, key: `${field} ${value}` }]));
	const errors = names.filter(({ key }) => seen.has(key)).map(({ field }) => ({ field, message: "stands in a row before this one" }));
	if (errors.length === 0) for (const { key } of names) seen.add(key);
	return errors;
}

/** The acts that have somebody to answer for them, each after that one. */
function order(acts: readonly ImportAct[], register: Register): ImportAct[] {
	const byId = new Map(acts.map((act) => [act.id, act]));
	const done = new Map<string, ImportAct>();
	const answers = (id: string): boolean => {
		const planned = byId.get(id);
		if (planned?.fresh) return done.has(id) && planned.holder.kind === "employee";
		const known = register.holders.get(id);
		return known !== undefined && known.leftAt === null && (planned?.holder.kind ?? known.kind) === "employee";
	};
	const stands = ({ id, holder: { sponsor }, fields, zones }: ImportAct): boolean =>
		sponsor === null || (!fields.includes("sponsor") && zones.length === 0) || (sponsor !== id && answers(sponsor));
	let waiting = [...acts];
	for (let progress = true; progress; ) {
		const left = waiting.filter((act) => {
			if (!stands(act)) return true;
			done.set(act.id, act);
			return false;
		});
		progress = left.length < waiting.length;
		waiting = left;
	}
	return [...done.values()];
}
