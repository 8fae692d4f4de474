import type { Rule } from "../../../contracts/rules.ts";
import type { World } from "../../../contracts/world.ts";
import type { Database } from "../../platform/database/database.ts";
import { notFound } from "../../platform/errors.ts";
import type { Logger } from "../../platform/logger.ts";
import { WorldListeners } from "../../site/world-listeners.ts";
import type { WorldSource } from "../../site/world-source.ts";
import { type BookedRule, bookOf, type RuleVersion } from "./rule-book.ts";
import { newestVersions, type RuleTables, ruleVersions } from "./rule-store.ts";

export interface RuleBookOptions {
	/** The site file, which says what holds where nothing was agreed. */
	world: WorldSource;
	database: Database;
	logger: Logger;
}

/** The rules in force, and the world with them in place of those of the site file. */
export class RuleBook implements WorldSource {
	readonly #options: RuleBookOptions;
	readonly #listeners: WorldListeners;
	#newest: ReadonlyMap<string, RuleVersion> = new Map();
	#book: readonly BookedRule[] = [];
	#world: World | null = null;

	constructor(options: RuleBookOptions) {
		this.#options = options;
		this.#listeners = new WorldListeners(options.logger);
	}

	/** After the site, before the alarms. */
	async start(): Promise<void> {
		this.#newest = await newestVersions(this.#options.database.tables<RuleTables>());
		this.#overlay();
		this.#options.world.onChange(() => this.#overlay());
	}

	current(): World {
		return this.#world ?? this.#options.world.current();
	}

	onChange(listener: (world: World) => void): void {
		this.#listeners.add(listener);
	}

	/** All rules, also those that an agreement has taken out of force. */
	rules(): readonly BookedRule[] {
		return this.#book;
	}

	/** What the site file says of a rule now. */
	inFile(id: string): Rule | null {
		return this.#options.world.current().site.rules.find((rule) => rule.id === id) ?? null;
	}

	/** Every version that was agreed on, the newest first. Throws AppError 404 for a rule that there never was. */
	async versions(id: string): Promise<RuleVersion[]> {
		const versions = await ruleVersions(this.#options.database.tables<RuleTables>(), id);
		if (versions.length === 0 && this.inFile(id) === null) throw notFound("rule", id);
		return versions;
	}

	/** Takes over what has been agreed meanwhile. */
	async refresh(): Promise<void> {
		this.#newest = await newestVersions(this.#options.database.tables<RuleTables>());
		this.#overlay();
	}

	#overlay(): void {
		const world = this.#options.world.current();
		this.#book = bookOf(world.site.rules, this.#newest);
		const changed = this.#book.filter(({ fileChanged }) => fileChanged).map(({ id }) => id);
		if (changed.length > 0)
			this.#options.logger.warn({ rules: changed }, "the site file says something else of these rules; what was agreed on stays in force");
		const next = { ...world, site: { ...world.site, rules: this.#book.flatMap(({ rule }) => rule ?? []) } };
		this.#world = next;
		this.#listeners.tell(next);
	}
}
