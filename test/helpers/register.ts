import type { SiteFile } from "../../contracts/site.ts";
import { Register } from "../../server/access/register/register.ts";
import { seedOf } from "../../server/access/register/site-seed.ts";

/** The register as a site file's people make it, known since `since` (Unix ms). */
export function registerOf(site: SiteFile, since = 0): Register {
	const empty = new Register(site, { holders: [], credentials: [], grants: [] });
	const { holders, credentials, grants } = seedOf(site, empty, new Map(), since);
	return new Register(site, {
		holders: holders.map((holder) => ({ ...holder, posts: [{ post: holder.post, at: since }] })),
		credentials: credentials.map((credential) => ({ ...credential, states: [{ state: credential.state, at: since }] })),
		grants: grants.map((grant) => ({ ...grant, lapsesAt: Number.MAX_SAFE_INTEGER })),
	});
}
