import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { pageOf } from "../../../contracts/api.ts";
import { retentionSchema } from "../../../contracts/audit.ts";
import { type ChangeView, changeSchema, type Proposal } from "../../../contracts/changes.ts";
import { roleViewSchema, sessionEntrySchema, setUpLinkSchema, userSchema } from "../../../contracts/identity.ts";
import { fetchAll, fetchJson } from "./fetch-json.ts";

const API = "/api/v1";
const segment = encodeURIComponent;
const nothing = z.unknown().transform(() => null);

export const usersQuery = queryOptions({
	queryKey: ["users"],
	queryFn: ({ signal }) => fetchAll(`${API}/users?limit=500`, userSchema, { signal }),
});
export function userQuery(id: string) {
	return queryOptions({ queryKey: ["users", id], queryFn: ({ signal }) => fetchJson(`${API}/users/${segment(id)}`, userSchema, { signal }) });
}
export function userSessionsQuery(id: string) {
	return queryOptions({
		queryKey: ["users", id, "sessions"],
		queryFn: ({ signal }) => fetchJson(`${API}/users/${segment(id)}/sessions`, pageOf(sessionEntrySchema), { signal }),
	});
}
export const endUserSession = (user: string, id: string) =>
	fetchJson(`${API}/users/${segment(user)}/sessions/${segment(id)}`, nothing, { method: "DELETE" });
export const createUser = (body: { username: string; name: string; email: string | null }) =>
	fetchJson(`${API}/users`, setUpLinkSchema, { method: "POST", body });
export const resetUser = (id: string) => fetchJson(`${API}/users/${segment(id)}/reset`, setUpLinkSchema, { method: "POST", body: {} });

export const rolesQuery = queryOptions({
	queryKey: ["roles"],
	queryFn: ({ signal }) => fetchJson(`${API}/roles`, pageOf(roleViewSchema), { signal }),
	staleTime: Number.POSITIVE_INFINITY,
});

export const changesQuery = queryOptions({
	queryKey: ["changes"],
	queryFn: ({ signal }) => fetchAll(`${API}/changes?limit=100`, changeSchema, { signal }, 3),
	refetchInterval: 15_000,
});
export const retentionQuery = queryOptions({
	queryKey: ["retention"],
	queryFn: ({ signal }) => fetchJson(`${API}/retention`, retentionSchema, { signal }),
});
export const proposeChange = (body: Proposal) => fetchJson(`${API}/changes`, changeSchema, { method: "POST", body });
export const decideChange = ({ id, act, comment }: { id: string; act: "approve" | "reject" | "withdraw"; comment: string }): Promise<ChangeView> =>
	fetchJson(`${API}/changes/${segment(id)}/${act}`, changeSchema, { method: "POST", body: comment === "" ? {} : { comment } });
