/** Who may log in to the agent's device broker, and which topics are open to whom (EDG-10). Pure. */
import { createHash, timingSafeEqual } from "node:crypto";
import { parseDeviceTopic } from "../../contracts/native-dialect.ts";
import type { DeviceAccount } from "../../contracts/uplink.ts";

/** `required`: every device logs in. `optional`: those that have a password do, the others need none. */
export type DeviceAuth = "required" | "optional";

/** The accounts of the device list in use. */
export type Accounts = ReadonlyMap<string, DeviceAccount>;

export function accountsOf(list: { accounts?: readonly DeviceAccount[] | undefined }): Accounts {
	return new Map(list.accounts?.map((account) => [account.name, account]));
}

/** The account that a client logs in to (`null`: to none, and is let in), or why not. Names no secret. */
export function logIn(
	accounts: Accounts,
	auth: DeviceAuth,
	{ username, password }: { username: string | undefined; password: Buffer | undefined },
): { account: DeviceAccount | null } | { refused: string } {
	if (username === undefined || username === "")
		return auth === "optional" ? { account: null } : { refused: "expected user name and password of the device" };
	const account = accounts.get(username);
	if (account && password !== undefined && isPassword(account, password)) return { account };
	// The same words for both, so that nobody learns which devices there are.
	return { refused: "wrong user name or password" };
}

/** Whether a client may use the topics of a device. Who logged in to none may use those of devices that have no account of their own. */
export function speaksFor(accounts: Accounts, auth: DeviceAuth, account: DeviceAccount | null, device: string): boolean {
	if (account) return account.devices.includes("*") || account.devices.includes(device);
	if (auth === "required") return false;
	return !accounts.values().some(({ devices }) => devices.includes(device));
}

/** The device whose commands a filter stands for; `null` for everything else, wildcards included: card numbers are not for everybody. */
export function heardDevice(filter: string): string | null {
	const parsed = parseDeviceTopic(filter);
	return parsed?.name === "command" ? parsed.device : null;
}

/**
 * Whether a filter may be heard by anybody who is let in. Nothing is passed on from one device to another, so that beyond the native
 * dialect there is nothing to hear but what the agent itself asks of devices.
 */
export function isHarmless(filter: string): boolean {
	return !/^(?:[+#]|watchroom(?:-agent)?(?:\/|$)|\$)/.test(filter);
}

/** Whether a client may publish to a topic of these devices; `null`: a gateway's topic, for who speaks for any device of the dialect. */
export function maySend(
	accounts: Accounts,
	auth: DeviceAuth,
	account: DeviceAccount | null,
	devices: readonly string[] | null,
	ofDialect: () => Iterable<string>,
): boolean {
	if (account?.devices.includes("*")) return true;
	// A device outside the list, or a gateway of nobody's: heard where nobody has to log in.
	const of = devices ?? [...ofDialect()];
	if (of.length === 0) return account === null && auth === "optional";
	return of.some((device) => speaksFor(accounts, auth, account, device));
}

/** True while an account's password and devices are still those that a client logged in with. */
export function stillHolds(accounts: Accounts, auth: DeviceAuth, account: DeviceAccount | null): boolean {
	if (account === null) return auth === "optional";
	const now = accounts.get(account.name);
	return now !== undefined && now.hash === account.hash && now.devices.join() === account.devices.join();
}

function isPassword({ salt, hash }: DeviceAccount, password: Buffer): boolean {
	const given = createHash("sha256").update(`${salt}:`).update(password).digest();
	const expected = Buffer.from(hash, "hex");
	return expected.length === given.length && timingSafeEqual(expected, given);
}
