import type { Agent } from "../../contracts/api.ts";
import type { Heartbeat } from "../../contracts/uplink.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import type { Realtime } from "../platform/realtime-port.ts";
import { type AgentLink, type AgentState, agentStateSchema, agentStatus, takeHeartbeat, UNHEARD } from "./agent-state.ts";
import { PersistentStates } from "./persistent-states.ts";
import { sum } from "./total.ts";
import type { WorldSource } from "./world-source.ts";

export interface AgentsOptions {
	world: WorldSource;
	database: Database;
	realtime: Realtime;
	clock: Clock;
	logger: Logger;
}

/** The agents of the site: whether they are heard, and how full their outboxes are. */
export class Agents {
	readonly #options: AgentsOptions;
	readonly #states: PersistentStates<AgentState>;
	readonly #links = new Map<string, AgentLink>();
	/** The status that the dashboards were told last. */
	readonly #told = new Map<string, Agent["status"]>();
	#watchedSince = 0;
	#timer: NodeJS.Timeout | undefined;

	constructor(options: AgentsOptions) {
		this.#options = options;
		this.#states = new PersistentStates("agent", agentStateSchema, options.database, options.logger);
	}

	/** Reads what was saved and begins to watch for silence. */
	async start(): Promise<void> {
		this.#watchedSince = this.#options.clock.now();
		await this.#states.start();
		this.#timer = setInterval(() => this.tick(this.#options.clock.now()), 1000);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#states.stop();
	}

	/** Takes over a heartbeat and tells the dashboards. */
	heartbeat(agent: string, heartbeat: Heartbeat): void {
		const now = this.#options.clock.now();
		this.#states.set(agent, takeHeartbeat(this.#state(agent), heartbeat, now));
		this.#links.set(agent, { heardAt: now, gone: false });
		this.#tell(agent, now);
	}

	/** An agent's own status message: `offline` is its last will. A retained `online` proves nothing: only heartbeats do. */
	status(agent: string, status: "online" | "offline"): void {
		const link = this.#links.get(agent) ?? { heardAt: null, gone: false };
		this.#links.set(agent, { ...link, gone: status === "offline" });
		this.tick(this.#options.clock.now());
	}

	/** Notes the device time of the newest reading that came from an agent, Unix ms. */
	heardReadings(agent: string, newest: number): void {
		const state = this.#state(agent);
		if (state.newestReading === null || newest > state.newestReading) this.#states.set(agent, { ...state, newestReading: newest });
	}

	/** Tells the dashboards of agents whose status has changed by `now` (Unix ms). */
	tick(now: number): void {
		for (const { id } of this.#options.world.current().site.agents) if (this.#told.get(id) !== this.statusOf(id, now)) this.#tell(id, now);
	}

	/** Status of an agent at `now`, Unix ms. */
	statusOf(agent: string, now: number = this.#options.clock.now()): Agent["status"] {
		return agentStatus(this.#links.get(agent) ?? { heardAt: null, gone: false }, this.#watchedSince, now);
	}

	/** Everything that happened up to then has been told, as far as its newest heartbeat says, Unix ms; `null`: none since the start. */
	toldUntil(agent: string): number | null {
		const link = this.#links.get(agent);
		return link?.heardAt ? (this.#state(agent).outbox.oldest ?? link.heardAt) : null;
	}

	/** Those of the site that aren't heard now. */
	unheard(): string[] {
		const now = this.#options.clock.now();
		return this.#options.world.current().site.agents.flatMap(({ id }) => (this.statusOf(id, now) === "online" ? [] : [id]));
	}

	/** The agent as the API shows it; `undefined` for one that the site doesn't know. */
	get(id: string): Agent | undefined {
		const known = this.#options.world.current().site.agents.find((agent) => agent.id === id);
		return known && this.#view(known, this.#options.clock.now());
	}

	/** All agents of the site. */
	list(): Agent[] {
		const now = this.#options.clock.now();
		return this.#options.world.current().site.agents.map((agent) => this.#view(agent, now));
	}

	#state(agent: string): AgentState {
		return this.#states.get(agent) ?? UNHEARD;
	}

	#tell(agent: string, now: number): void {
		const { site } = this.#options.world.current();
		const known = site.agents.find(({ id }) => id === agent);
		if (!known) return;
		const view = this.#view(known, now);
		const before = this.#told.get(agent);
		this.#told.set(agent, view.status);
		if (view.status === "offline" && before === "online") this.#options.logger.warn({ agent }, "agent offline");
		if (view.status === "online" && before !== "online") this.#options.logger.info({ agent }, "agent online");
		this.#options.realtime.publish(site.id, "agent", view);
	}

	#view({ id, name }: { id: string; name: string }, now: number): Agent {
		const { lastSeen, outbox, dropped, rejectedUnknown, newestReading } = this.#state(id);
		return {
			id,
			name,
			status: this.statusOf(id, now),
			lastSeen: lastSeen === null ? null : new Date(lastSeen).toISOString(),
			outbox: { ...outbox, oldest: outbox.oldest === null ? null : new Date(outbox.oldest).toISOString() },
			dropped: sum(dropped),
			rejectedUnknown: sum(rejectedUnknown),
			lagMs: newestReading === null ? null : Math.max(0, now - newestReading),
		};
	}
}
