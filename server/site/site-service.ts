import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SiteView } from "../../contracts/api.ts";
import type { NoticeEvent } from "../../contracts/realtime.ts";
import type { SiteFile } from "../../contracts/site.ts";
import type { SiteProblem } from "../../contracts/site-check.ts";
import { expandSite, type World } from "../../contracts/world.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import type { Realtime } from "../platform/realtime-port.ts";
import { problemText, readSite, SiteFileError } from "./site-file.ts";
import { siteView } from "./site-view.ts";
import { WorldListeners } from "./world-listeners.ts";
import type { WorldSource } from "./world-source.ts";

export interface SiteServiceOptions {
	/** The site file. */
	file: string;
	/** Folder of the last good copy. */
	dataDirectory: string;
	clock: Clock;
	realtime: Realtime;
	logger: Logger;
	/** Time between two looks at the file, ms. */
	pollEvery?: number;
}

/**
 * The site file in use. A changed good file replaces the world; a broken one never does: its problems are kept and shown, and
 * the last good copy stays in use, also over a restart.
 */
export class SiteService implements WorldSource {
	readonly #options: SiteServiceOptions;
	readonly #lastGood: string;
	readonly #listeners: WorldListeners;
	#world: World | undefined;
	#problems: readonly SiteProblem[] = [];
	#loadedAt = 0;
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> | undefined;
	/** What the file looked like at the last two looks, and the text that was last judged. */
	#seen = "";
	#judged = "";
	#text: string | undefined;

	constructor(options: SiteServiceOptions) {
		this.#options = options;
		this.#listeners = new WorldListeners(options.logger);
		this.#lastGood = join(options.dataDirectory, "site-last-good.yaml");
	}

	/**
	 * Reads the site file, or the last good copy where that is broken, and begins to watch the file.
	 * Throws {@link SiteFileError} with all problems when there is neither.
	 */
	async start(): Promise<void> {
		const { file, logger, pollEvery = 500 } = this.#options;
		this.#seen = this.#judged = await this.#signature();
		const newest = await this.#read();
		if ("site" in newest) {
			await this.#use(newest.site, newest.text);
		} else {
			const copy = await readFile(this.#lastGood, "utf8").catch(() => undefined);
			const good = copy === undefined ? undefined : readSite(copy);
			if (!good || !("site" in good)) throw new SiteFileError(file, newest.problems);
			this.#problems = newest.problems;
			this.#take(good.site);
			logger.error({ file, problems: newest.problems }, "the site file is broken; running on the last good copy");
		}
		this.#timer = setInterval(() => {
			this.#looking ??= this.look().finally(() => {
				this.#looking = undefined;
			});
		}, pollEvery);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		this.#timer = undefined;
		await this.#looking;
	}

	current(): World {
		if (!this.#world) throw new Error("the site is asked for before it has been read");
		return this.#world;
	}

	onChange(listener: (world: World) => void): void {
		this.#listeners.add(listener);
	}

	/** What is wrong with the newest site file; empty when that is the one in use. */
	problems(): readonly SiteProblem[] {
		return this.#problems;
	}

	/** The site as the API shows it. */
	view(): SiteView {
		return siteView(this.current(), this.#problems, this.#loadedAt);
	}

	/**
	 * Looks at the file once. A file that has changed is read when it looks the same at two looks in a row, so that one that is
	 * still being written isn't taken for a smaller site. Never throws.
	 */
	async look(): Promise<void> {
		try {
			const signature = await this.#signature();
			const settled = signature === this.#seen;
			this.#seen = signature;
			if (!settled || signature === this.#judged) return;
			this.#judged = signature;
			const newest = await this.#read();
			if ("problems" in newest) this.#refuse(newest.problems);
			else if (newest.text !== this.#text || this.#problems.length > 0) await this.#use(newest.site, newest.text);
		} catch (error) {
			this.#options.logger.error({ err: error }, "looking at the site file failed");
		}
	}

	async #signature(): Promise<string> {
		const found = await stat(this.#options.file).catch(() => undefined);
		return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : "missing";
	}

	async #read(): Promise<{ site: SiteFile; text: string } | { problems: SiteProblem[] }> {
		let text: string;
		try {
			text = await readFile(this.#options.file, "utf8");
		} catch (error) {
			return { problems: [{ path: "", message: `the file can't be read: ${error instanceof Error ? error.message : String(error)}` }] };
		}
		const result = readSite(text);
		return "site" in result ? { site: result.site, text } : result;
	}

	async #use(site: SiteFile, text: string): Promise<void> {
		const same = text === this.#text;
		this.#text = text;
		try {
			await replaceFile(this.#lastGood, text);
		} catch (error) {
			this.#options.logger.warn({ err: error, file: this.#lastGood }, "the last good copy of the site file could not be written");
		}
		// Not before the file is in use: until then the problems are those of the newest file that isn't.
		this.#problems = [];
		if (!same) this.#take(site);
		this.#notice("site-changed", `The site file has been read: ${site.name}`);
	}

	#take(site: SiteFile): void {
		const world = expandSite(site);
		this.#world = world;
		this.#loadedAt = this.#options.clock.now();
		this.#options.logger.info({ site: site.id, devices: world.devices.size, points: world.points.size }, "site in use");
		this.#listeners.tell(world);
	}

	#refuse(problems: readonly SiteProblem[]): void {
		this.#problems = problems;
		this.#options.logger.error({ file: this.#options.file, problems }, "the changed site file is broken; the one before stays in use");
		const more = problems.length > 5 ? ` (and ${problems.length - 5} more)` : "";
		this.#notice("site-file-broken", `The site file is broken: ${problems.slice(0, 5).map(problemText).join("; ")}${more}`);
	}

	#notice(kind: NoticeEvent["kind"], text: string): void {
		this.#options.realtime.publish(this.current().site.id, "notice", { kind, at: this.#options.clock.now(), text });
	}
}

/** Writes a file so that a crash leaves either the old or the new content. */
async function replaceFile(path: string, text: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	const temporary = `${path}.new`;
	const handle = await open(temporary, "w");
	try {
		await handle.writeFile(text);
		await handle.sync();
	} finally {
		await handle.close();
	}
	await rename(temporary, path);
}
