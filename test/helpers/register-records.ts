import type { CredentialRecord, GrantRecord, HolderRecord } from "../../server/access/register/register.ts";

/** Records of the register as they would be loaded, with what is given instead. */
export const holderRecord = (id: string, values: Partial<HolderRecord> = {}): HolderRecord => ({
	id,
	name: id,
	kind: "employee",
	company: null,
	post: null,
	posts: [{ post: values.post ?? null, at: 0 }],
	externalId: null,
	account: null,
	otherAccounts: [],
	sponsor: null,
	leftAt: null,
	createdAt: 0,
	version: 1,
	...values,
});
/** A card of this number; `null`: a fingerprint. */
export const credentialRecord = (id: string, holder: string, number: number | null, values: Partial<CredentialRecord> = {}): CredentialRecord => ({
	id,
	holder,
	card: number === null ? null : { format: "H10301", facility: 1, number },
	fingerprint: number === null ? `fp-${id}` : null,
	state: "active",
	stateAt: 0,
	stateReason: null,
	states: [{ state: values.state ?? "active", at: 0 }],
	from: 0,
	until: null,
	version: 1,
	...values,
});
export const grantRecord = (id: string, values: Partial<GrantRecord> = {}): GrantRecord => ({
	id,
	holder: null,
	post: null,
	zone: "hall",
	from: 0,
	until: null,
	schedule: null,
	sponsor: null,
	reason: "work",
	grantedBy: "account",
	grantedAt: 0,
	renewedAt: 0,
	lapsesAt: Number.MAX_SAFE_INTEGER,
	endedAt: null,
	endReason: null,
	version: 1,
	...values,
});
