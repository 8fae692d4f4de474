import type { ContactInput, ContactView } from "../../contracts/roster.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { AppError, notFound } from "../platform/errors.ts";
import type { DutyPerson, RosterOptions, RosterService } from "./roster-service.ts";
import * as store from "./roster-store.ts";

/** Where somebody is reached; `null` where no such address is known. */
export interface Contact extends DutyPerson {
	phone: string | null;
}

/** Where people are reached. */
export class ContactService {
	readonly #roster: RosterService;
	readonly #people: RosterOptions["people"];

	constructor(roster: RosterService, people: RosterOptions["people"]) {
		this.#roster = roster;
		this.#people = people;
	}

	/** By username; who has no account in use is missing. Without an address of its own e-mail goes to the account's. Read in the caller's transaction where there is one. */
	async of(usernames: readonly string[], transaction?: AnyTransaction): Promise<Map<string, Contact>> {
		const people = await this.#people([...new Set(usernames)], transaction);
		const own = await store.contacts(transaction ?? this.#roster.tables());
		return new Map(
			[...people].map(([username, person]) => {
				const { email = null, phone = null } = own.get(username) ?? {};
				return [username, { ...person, email: email ?? person.email, phone }];
			}),
		);
	}

	/** Of everybody whom the plan names, and everybody who has an address. */
	async list(): Promise<(ContactView & { id: string })[]> {
		const own = await store.contacts(this.#roster.tables());
		const { plan, assigned } = this.#roster.current();
		const usernames = [...new Set([...plan.rotations.flatMap(({ people }) => people), ...assigned.values(), ...own.keys()])].sort();
		const found = await this.of(usernames);
		return usernames.flatMap((person) => {
			const contact = found.get(person);
			if (!contact) return [];
			const { name, email, phone } = contact;
			return { id: person, person, name, email, phone, emailOfAccount: email !== null && (own.get(person)?.email ?? null) === null };
		});
	}

	/** One's own, or with `mayAll` anybody's. Throws AppError 403 `not-your-contact`, 404. */
	async put(person: string, contact: ContactInput, actor: Actor, mayAll: boolean): Promise<ContactView> {
		if (person !== actor.username && !mayAll) throw new AppError("not-your-contact", 403, "Who plans the roster says where others are reached.");
		if (!(await this.of([person])).has(person)) throw notFound("account", person);
		await this.#roster.change(actor, { operation: "roster.contact", object: person, detail: { ...contact } }, (transaction) =>
			store.putContact(transaction, person, contact),
		);
		const found = (await this.list()).find((one) => one.person === person);
		if (!found) throw notFound("account", person);
		return found;
	}
}
