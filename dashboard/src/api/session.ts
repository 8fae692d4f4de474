import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { pageOf } from "../../../contracts/api.ts";
import {
	createdTokenSchema,
	recoveryCodesSchema,
	type SessionView,
	secondFactorStartSchema,
	sessionEntrySchema,
	sessionSchema,
	setUpViewSchema,
	tokenSchema,
} from "../../../contracts/identity.ts";
import { fetchJson } from "./fetch-json.ts";
import { ProblemError } from "./problem-error.ts";

const API = "/api/v1";
const nothing = z.unknown().transform(() => null);

/** Who is signed in; `null` when nobody is. */
export const sessionQuery = queryOptions({
	queryKey: ["session"],
	queryFn: async ({ signal }): Promise<SessionView | null> => {
		try {
			return await fetchJson(`${API}/session`, sessionSchema, { signal });
		} catch (error) {
			if (error instanceof ProblemError && error.status === 401) return null;
			throw error;
		}
	},
	staleTime: Number.POSITIVE_INFINITY,
});

/** The answers 401 that say that nobody is signed in (any more), as opposed to a wrong password. */
export function isSignedOut(error: unknown): boolean {
	return error instanceof ProblemError && error.status === 401 && ["not-signed-in", "session-ended"].includes(error.code);
}

export const logIn = (body: { username: string; password: string; totp?: string }) =>
	fetchJson(`${API}/session`, sessionSchema, { method: "POST", body });
export const logOut = () => fetchJson(`${API}/session`, nothing, { method: "DELETE" });
export const confirmSession = (body: { password: string; totp?: string }) => fetchJson(`${API}/session/confirm`, nothing, { method: "POST", body });
export const changePassword = (body: { current: string; password: string }) =>
	fetchJson(`${API}/session/password`, nothing, { method: "POST", body });
export const startSecondFactor = () => fetchJson(`${API}/session/second-factor`, secondFactorStartSchema, { method: "POST", body: {} });
export const confirmSecondFactor = (totp: string) =>
	fetchJson(`${API}/session/second-factor/confirm`, recoveryCodesSchema, { method: "POST", body: { totp } });

export const ownSessionsQuery = queryOptions({
	queryKey: ["own-sessions"],
	queryFn: ({ signal }) => fetchJson(`${API}/session/sessions`, pageOf(sessionEntrySchema), { signal }),
});
export const endOwnSession = (id: string) => fetchJson(`${API}/session/sessions/${encodeURIComponent(id)}`, nothing, { method: "DELETE" });

export const tokensQuery = queryOptions({
	queryKey: ["tokens"],
	queryFn: ({ signal }) => fetchJson(`${API}/tokens`, pageOf(tokenSchema), { signal }),
});
export const createToken = (body: { name: string; days: number }) => fetchJson(`${API}/tokens`, createdTokenSchema, { method: "POST", body });
export const revokeToken = (id: string) => fetchJson(`${API}/tokens/${encodeURIComponent(id)}`, nothing, { method: "DELETE" });

export function setUpQuery(token: string) {
	return queryOptions({
		queryKey: ["set-up", token],
		queryFn: ({ signal }) => fetchJson(`${API}/set-up/${encodeURIComponent(token)}`, setUpViewSchema, { signal }),
		staleTime: Number.POSITIVE_INFINITY,
	});
}
export const finishSetUp = (token: string, body: { username?: string; name?: string; password: string }) =>
	fetchJson(`${API}/set-up/${encodeURIComponent(token)}`, nothing, { method: "POST", body });
