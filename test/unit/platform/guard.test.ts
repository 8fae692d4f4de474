import { expect, test } from "vitest";
import type { Actor } from "../../../server/platform/actor.ts";
import { CONFIRMATION_MS, refusalOf } from "../../../server/platform/http/guard.ts";
import type { Access } from "../../../server/platform/http/route.ts";
import { actorWith } from "../../helpers/actors.ts";

const NOW = 1_769_000_000_000;
const session = (confirmedAt: number | null) => actorWith(["users.manage"], { method: "session", confirmedAt });
const elsewhere = actorWith([], { permissions: new Map([["users.manage", new Set(["other"])]]) });

test.each<[what: string, permission: Access, confirmed: boolean, actor: Actor | null, code: string | null]>([
	["public: anybody", "public", false, null, null],
	["public: also who is signed in", "public", false, actorWith([]), null],
	["signed-in: nobody", "signed-in", false, null, "not-signed-in"],
	["signed-in: without any right", "signed-in", false, actorWith([]), null],
	["a right: nobody", "users.manage", false, null, "not-signed-in"],
	["a right: without it", "users.manage", false, actorWith(["users.read"]), "forbidden"],
	["a right: held at another site", "users.manage", false, elsewhere, "forbidden"],
	["a right: with it", "users.manage", false, actorWith(["users.manage"]), null],
	["confirmed: without the right it is not asked for a proof", "users.manage", true, actorWith([], { method: "session" }), "forbidden"],
	["confirmed: never proved", "users.manage", true, session(null), "confirmation-required"],
	["confirmed: proved just now", "users.manage", true, session(NOW), null],
	["confirmed: proved a moment less than five minutes ago", "users.manage", true, session(NOW - CONFIRMATION_MS + 1), null],
	["confirmed: proved five minutes ago", "users.manage", true, session(NOW - CONFIRMATION_MS), "confirmation-required"],
	["confirmed: a token needs no proof", "users.manage", true, actorWith(["users.manage"]), null],
	["confirmed: a proof alone is no right", "signed-in", true, session(NOW - CONFIRMATION_MS), "confirmation-required"],
])("%s", (_what, permission, confirmed, actor, code) => {
	expect(refusalOf({ permission, confirmed }, actor, "demo", NOW)?.code ?? null).toBe(code);
});

test("a refusal says which right is missing, in words", () => {
	expect(refusalOf({ permission: "audit.read" }, actorWith([]), "demo", NOW)?.message).toContain("search the audit log");
});
