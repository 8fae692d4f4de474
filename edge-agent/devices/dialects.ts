import type { DeviceList } from "../../contracts/uplink.ts";
import type { DeviceDirectory, DeviceEntry } from "./device-directory.ts";
import type { Decode, Profile } from "./profiles/profile.ts";
import { matchesTopic } from "./topic-filter.ts";

/** One dialect below one base topic, as an agent listens for it. */
export interface Dialect {
	profile: Profile;
	base: string;
	topics: readonly string[];
	/** Whether the site file asks for it: a device speaks it, or the agent is told to listen for it. */
	used: boolean;
	/** Made at the first message: a dialect that nobody speaks costs nothing. */
	decode: Decode | null;
}

/** Topics whose dialects are remembered; whoever publishes to ever new ones fills no more than this. */
const TOPICS = 50_000;
const NONE: readonly Dialect[] = [];

/** The dialects that an agent understands. A device list brings other base topics; what is known of devices stays. */
export class Dialects {
	readonly #profiles: readonly Profile[];
	readonly #directory: DeviceDirectory;
	readonly #send: (topic: string, payload: string | Buffer) => void;
	#dialects: Dialect[] = [];
	/** Listened to below several bases, where devices may be called the same. */
	readonly #several = new Set<Profile>();
	/** By topics seen before. */
	readonly #found = new Map<string, readonly Dialect[]>();

	constructor(profiles: readonly Profile[], directory: DeviceDirectory, send: (topic: string, payload: string | Buffer) => void = () => {}) {
		this.#profiles = profiles;
		this.#directory = directory;
		this.#send = send;
		this.replace({ dialects: [] });
	}

	/** Takes over what a device list says of dialects; to be called after the directory has taken the list. */
	replace({ dialects = [] }: Pick<DeviceList, "dialects">): void {
		const before = this.#dialects;
		this.#several.clear();
		this.#dialects = this.#profiles.flatMap((profile) => {
			const told = dialects.filter((dialect) => dialect.profile === profile.id);
			const addresses = [...this.#directory.addresses(profile.id)];
			const used = told.length > 0 || addresses.length > 0 || profile.strict === true;
			const bases = new Set(told.length > 0 ? told.map(({ base }) => base ?? profile.base ?? "") : [profile.base ?? ""]);
			if (bases.size > 1) this.#several.add(profile);
			return [...bases].map((base): Dialect => {
				const known = before.find((dialect) => dialect.profile === profile && dialect.base === base);
				const topics = profile.topics(
					base,
					addresses.map((address) => this.#withoutBase(profile, base, address)),
				);
				return { profile, base, topics, used, decode: known?.decode ?? null };
			});
		});
		this.#found.clear();
	}

	/** Those with a filter that the topic matches, in the registry's order. */
	of(topic: string): readonly Dialect[] {
		const known = this.#found.get(topic);
		if (known) return known;
		const found = this.#dialects.filter(({ topics }) => topics.some((filter) => matchesTopic(filter, topic)));
		const dialects = found.length > 0 ? found : NONE;
		if (this.#found.size < TOPICS) this.#found.set(topic, dialects);
		return dialects;
	}

	/** The devices that a dialect calls so below its base; of several bases, `{base}/{address}` in the device list is of that one alone. */
	devicesOf({ profile, base }: Pick<Dialect, "profile" | "base">, address: string): readonly DeviceEntry[] {
		const own = this.#several.has(profile) ? this.#directory.at(profile.id, `${base}/${address}`) : [];
		return own.length > 0 ? own : this.#directory.at(profile.id, address);
	}

	#withoutBase(profile: Profile, base: string, address: string): string {
		return this.#several.has(profile) && address.startsWith(`${base}/`) ? address.slice(base.length + 1) : address;
	}

	decoderOf(dialect: Dialect): Decode {
		if (dialect.decode) return dialect.decode;
		const { profile, base } = dialect;
		const directory = this.#directory;
		const devices = (address: string) => this.devicesOf({ profile, base }, address);
		dialect.decode = profile.decoder({
			base,
			send: this.#send,
			addresses: () => [...directory.addresses(profile.id)].map((address) => this.#withoutBase(profile, base, address)),
			isListed: (address) => devices(address).length > 0,
			channels: (address) => devices(address).flatMap(({ channels }) => [...channels.keys()]),
			mapping: (address) => devices(address).find(({ mapping }) => mapping !== null)?.mapping ?? null,
			timeZone: (address) => devices(address)[0]?.timeZone ?? null,
		});
		return dialect.decode;
	}

	/** Topic filters of the dialects that are used: what to ask a broker for that carries other things too. */
	get filters(): string[] {
		return [...new Set(this.#dialects.filter(({ used }) => used).flatMap(({ topics }) => topics))];
	}

	/** The devices that may publish to a topic, by id; `null`: any device of the dialect may (a gateway's topic), `undefined`: nobody. */
	ownersOf(topic: string): { profile: string; devices: readonly string[] | null } | undefined {
		for (const dialect of this.of(topic)) {
			const { profile, base } = dialect;
			const address = profile.owner(topic, base);
			if (address === undefined) continue;
			if (address === null) return { profile: profile.id, devices: null };
			// In the native dialect an unknown device is asked for by its name, too.
			const entries = this.devicesOf(dialect, address);
			return { profile: profile.id, devices: entries.length === 0 && profile.strict ? [address] : entries.map(({ id }) => id) };
		}
		return undefined;
	}
}
