/** Accounts, sessions, tokens and rights, as the API shows them. */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { permissionSchema, roleSchema } from "./permissions.ts";

/** `*` is every site. */
const siteSchema = z.string().min(1).max(64);
export const usernameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{1,62}$/, "expected 2 to 63 of a-z 0-9 . _ - , beginning with a letter or digit");
/** NIST SP 800-63B: length counts, composition rules don't. */
export const passwordSchema = z.string().min(12, "expected at least 12 characters").max(256, "expected at most 256 characters");

/** `POST /session`. `totp` takes a code of six digits or a recovery code. */
export const logInSchema = z.strictObject({
	username: z.string().min(1).max(120),
	password: z.string().min(1).max(1024),
	totp: z.string().min(1).max(40).optional(),
});

/** `GET /session`, and the answer to a log-in. */
export const sessionSchema = z.object({
	user: z.object({ id: z.string(), username: z.string(), name: z.string() }),
	method: z.enum(["session", "token"]),
	roles: z.array(z.object({ role: roleSchema, site: siteSchema, lapsesAt: instantSchema.nullable() })),
	/** Permission to the sites where it holds. */
	permissions: z.partialRecord(permissionSchema, z.array(siteSchema)),
	/** `must-set-up`: a role asks for a second factor that is not set up yet; until then the session can do nothing else. */
	secondFactor: z.enum(["on", "off", "must-set-up"]),
	mustChangePassword: z.boolean(),
	/** Ends without use at idleEndsAt, in any case at endsAt; `null` for tokens. */
	idleEndsAt: instantSchema.nullable(),
	endsAt: instantSchema.nullable(),
	/** Until when harmful acts need no new proof; `null` when it has to be given. */
	confirmedUntil: instantSchema.nullable(),
});
export type SessionView = z.infer<typeof sessionSchema>;

/** `POST /session/confirm`: proves again who one is, before a harmful act. */
export const confirmSchema = z.strictObject({ password: z.string().min(1).max(1024), totp: z.string().min(1).max(40).optional() });
/** `POST /session/password` */
export const changePasswordSchema = z.strictObject({ current: z.string().min(1).max(1024), password: passwordSchema });
/** `POST /session/second-factor` begins: the secret and the otpauth URI for the QR code. */
export const secondFactorStartSchema = z.object({ secret: z.string(), uri: z.string() });
/** `POST /session/second-factor/confirm` turns it on; the recovery codes are shown once. */
export const secondFactorConfirmSchema = z.strictObject({ totp: z.string().regex(/^\d{6}$/, "expected six digits") });
export const recoveryCodesSchema = z.object({ recoveryCodes: z.array(z.string()) });

/** `GET /session/sessions` (own), `GET /users/{id}/sessions`; `DELETE .../{id}` ends one. */
export const sessionEntrySchema = z.object({
	id: z.string(),
	createdAt: instantSchema,
	lastUsedAt: instantSchema,
	endsAt: instantSchema,
	address: z.string().nullable(),
	userAgent: z.string().nullable(),
	current: z.boolean(),
});

/** `GET/POST /tokens`, `DELETE /tokens/{id}`: one's own. */
export const tokenSchema = z.object({
	id: z.string(),
	name: z.string(),
	permissions: z.array(permissionSchema),
	createdAt: instantSchema,
	lastUsedAt: instantSchema.nullable(),
	expiresAt: instantSchema,
});
export const createTokenSchema = z.strictObject({
	name: z.string().trim().min(1).max(80),
	/** No more than its owner may do; without it: all of that. */
	permissions: z.array(permissionSchema).min(1).optional(),
	/** 1 to 365. */
	days: z.number().int().min(1).max(365).default(90),
});
/** `token` is shown once. */
export const createdTokenSchema = tokenSchema.extend({ token: z.string() });

export const grantViewSchema = z.object({
	id: z.string(),
	role: roleSchema,
	site: siteSchema,
	grantedAt: instantSchema,
	lapsesAt: instantSchema,
	/** From 14 days ahead. */
	lapsesSoon: z.boolean(),
});
/** `GET /users`, `GET /users/{id}`. */
export const userSchema = z.object({
	id: z.string(),
	username: z.string(),
	name: z.string(),
	email: z.string().nullable(),
	status: z.enum(["active", "locked", "closed"]),
	secondFactor: z.boolean(),
	roles: z.array(grantViewSchema),
	createdAt: instantSchema,
	lastLogInAt: instantSchema.nullable(),
});
export type UserView = z.infer<typeof userSchema>;
/** `POST /users`: an account without any right; the one-time link is where its holder sets a password and a second factor. */
export const createUserSchema = z.strictObject({
	username: usernameSchema,
	name: z.string().trim().min(1).max(120),
	email: z.email().nullable().default(null),
});
/** Also the answer to `POST /users/{id}/reset`, which ends all sessions and asks for a new password and second factor. */
export const setUpLinkSchema = z.object({ user: userSchema, setUpPath: z.string(), expiresAt: instantSchema });
export const updateUserSchema = z.strictObject({ name: z.string().trim().min(1).max(120).optional(), email: z.email().nullable().optional() });

/** `GET /set-up/{token}` whose link it is; `POST /set-up/{token}` uses it up and signs in. */
export const setUpViewSchema = z.object({
	purpose: z.enum(["first-administrator", "new-account"]),
	username: z.string().nullable(),
	expiresAt: instantSchema,
});
export const setUpSchema = z.strictObject({
	username: usernameSchema.optional(),
	name: z.string().trim().min(1).max(120).optional(),
	password: passwordSchema,
});

/** `GET /roles`: the role table. */
export const roleViewSchema = z.object({
	role: roleSchema,
	permissions: z.array(permissionSchema),
	secondFactor: z.boolean(),
	administrator: z.boolean(),
});
