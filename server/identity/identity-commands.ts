/** `npm run watchroom -- user ...`, `token ...`, `totp ...`: accounts from the machine's console, audited as `console`. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { createTokenSchema, createUserSchema } from "../../contracts/identity.ts";
import { type Role, roleSchema } from "../../contracts/permissions.ts";
import type { Config } from "../platform/config.ts";
import { AppError } from "../platform/errors.ts";
import { fieldErrors } from "../platform/http/problem.ts";
import { publicAddress } from "../platform/listen-policy.ts";
import type { SetUpLink } from "./account-service.ts";
import { CONSOLE } from "./console-actor.ts";
import { readDemoCredentials } from "./demo-accounts.ts";
import type { IdentityServices } from "./identity.ts";
import { withIdentity } from "./identity-console.ts";
import { totpCode } from "./totp.ts";

interface Command {
	usage: string;
	does: string;
	run(args: readonly string[]): Promise<number>;
}

export function identityCommands(config: () => Config, say: (text: string) => void): Record<string, Command> {
	const act = async (work: (identity: IdentityServices) => Promise<void>) => {
		await withIdentity(config(), work);
		return 0;
	};
	const showLink = (link: SetUpLink) =>
		say(`Its holder sets a password here, once, until ${link.expiresAt}:\n\n  ${publicAddress(config())}${link.setUpPath}\n`);
	return {
		"user add": {
			usage: "user add <username> --name <name> [--email <address>] [--role <role>]... [--site <site>]",
			does: "makes an account, with its first roles, and prints its one-time set-up link",
			run: async (args) => {
				const usage = "user add <username> --name <name> [--email <address>] [--role <role>]... [--site <site>]";
				const { values, positionals } = options(usage, args, {
					name: { type: "string" },
					email: { type: "string" },
					role: { type: "string", multiple: true },
					site: { type: "string", default: "*" },
				});
				const given = checked(createUserSchema, { username: only(usage, positionals), name: values.name, email: values.email ?? null });
				const roles = checked(z.array(roleSchema), values.role ?? []);
				return await act(async (identity) => {
					const link = await identity.accounts.create(given, CONSOLE, { roles: rolesAt(roles, String(values.site)), how: "console" });
					say(`Account ${given.username} made${roles.length > 0 ? `: ${roles.join(", ")}` : ", without any role"}.`);
					showLink(link);
				});
			},
		},
		"user list": {
			usage: "user list",
			does: "lists the accounts with their roles",
			run: () =>
				act(async ({ accounts }) => {
					for (let after: string | null = null; ; ) {
						const { items, nextCursor } = await accounts.list(after, 500);
						for (const { username, name, status, secondFactor, roles } of items)
							say(
								[
									username.padEnd(24),
									status.padEnd(7),
									secondFactor ? "2nd factor" : "-         ",
									name,
									roles.map(({ role, site }) => `${role}@${site}`).join(" "),
								].join("  "),
							);
						after = items.at(-1)?.username ?? null;
						if (nextCursor === null) return;
					}
				}),
		},
		"user grant": {
			usage: "user grant <username> --role <role> [--site <site>]",
			does: "gives a role from the console; where there are two people, they propose and approve it in the dashboard",
			run: async (args) => {
				const usage = "user grant <username> --role <role> [--site <site>]";
				const { values, positionals } = options(usage, args, { role: { type: "string" }, site: { type: "string", default: "*" } });
				const role = checked(roleSchema, values.role);
				const site = String(values.site);
				const username = only(usage, positionals);
				return await act(async ({ accounts }) => {
					const { id } = await accounts.byName(username);
					await accounts.grant(id, rolesAt([role], site), CONSOLE);
					say(`${username} is ${role} at ${site === "*" ? "every site" : site}.`);
				});
			},
		},
		"user reset": {
			usage: "user reset <username>",
			does: "takes password, second factor, sessions and tokens away and prints a new set-up link",
			run: async (args) => {
				const username = only("user reset <username>", args);
				return await act(async ({ accounts }) => {
					showLink(await accounts.reset((await accounts.byName(username)).id, CONSOLE));
				});
			},
		},
		"user close": {
			usage: "user close <username>",
			does: "closes an account without administrator rights",
			run: async (args) => {
				const username = only("user close <username>", args);
				return await act(async ({ accounts }) => {
					await accounts.close((await accounts.byName(username)).id, CONSOLE);
					say(`The account ${username} is closed.`);
				});
			},
		},
		"token create": {
			usage: "token create <username> --name <name> [--days <1 to 365>]",
			does: "makes an API token with all of the account's rights and prints it, once",
			run: async (args) => {
				const usage = "token create <username> --name <name> [--days <1 to 365>]";
				const { values, positionals } = options(usage, args, { name: { type: "string" }, days: { type: "string" } });
				const wanted = checked(createTokenSchema, { name: values.name, ...(values.days !== undefined && { days: Number(values.days) }) });
				const username = only(usage, positionals);
				return await act(async ({ accounts, tokens }) => {
					const user = await accounts.byName(username);
					if (user.status === "closed") throw new AppError("account-closed", 409, `The account ${username} is closed.`);
					const { token, expiresAt } = await tokens.create(user.id, wanted, CONSOLE);
					say(`${token}\n\nShown this once; good until ${expiresAt}, for what ${username} may do at that time.`);
				});
			},
		},
		"demo totp": {
			usage: "totp <username>",
			does: "prints the current code of a demo account",
			run: async (args) => {
				const username = only("totp <username>", args);
				const entry = (await readDemoCredentials(config().data)).find((candidate) => candidate.username === username);
				if (!entry)
					throw new AppError("not-found", 404, `There is no demo account ${username}; codes of other accounts are in their authenticators.`);
				say(totpCode(entry.totpSecret, Date.now()));
				return 0;
			},
		},
	};
}

const rolesAt = (roles: readonly Role[], site: string) => roles.map((role) => ({ role, site }));
const misused = (usage: string, why: string) => new AppError("usage", 400, `${why}\n  npm run watchroom -- ${usage}`);

function options<O extends NonNullable<Parameters<typeof parseArgs>[0]>["options"]>(usage: string, args: readonly string[], wanted: O) {
	try {
		return parseArgs({ args: [...args], options: wanted ?? {}, allowPositionals: true, strict: true }) as {
			values: Record<string, string | string[] | undefined>;
			positionals: string[];
		};
	} catch (error) {
		throw misused(usage, error instanceof Error ? error.message : "The options are wrong.");
	}
}

function only(usage: string, words: readonly string[]): string {
	const [word, ...more] = words;
	if (word === undefined || more.length > 0) throw misused(usage, "Expected one username.");
	return word;
}

/** Parses what was typed. Throws AppError 400 that names every wrong option. */
function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	throw new AppError(
		"usage",
		400,
		fieldErrors(result.error, "value")
			.map(({ field, message }) => `${field}: ${message}`)
			.join("\n"),
	);
}
