import type { World } from "../contracts/world.ts";
import type { Answer, Ask } from "./control.ts";
import type { Fleet } from "./devices/fleet.ts";
import { findScenario } from "./scenarios/registry.ts";
import { Simulation } from "./simulation.ts";

/** Time between two steps, ms. */
const STEP = 100;

/** Lets the simulation run by the clock, and plays the scenarios that are asked for. */
export class Player {
	readonly #fleet: Fleet;
	readonly #simulation: Simulation;
	#timer: NodeJS.Timeout | null = null;
	/** Tells whoever asked for what is played now how it ends. */
	#ended: ((answer: Answer) => void) | null = null;

	constructor(world: World, fleet: Fleet, seed: number) {
		this.#fleet = fleet;
		this.#simulation = new Simulation(world, seed, Date.now(), (controller, shown, at) => fleet.judge(controller, shown, at));
	}

	start(): void {
		this.#timer ??= setInterval(() => this.#step(), STEP);
	}

	/** Idempotent. */
	stop(): void {
		if (this.#timer) clearInterval(this.#timer);
		this.#timer = null;
		this.#end({ done: "The simulators stop." });
	}

	/** Plays what is asked for, instead of what is played now; `normal` ends it. `answer` hears what happens, `done` or `error` last. */
	play(ask: Ask, answer: (answer: Answer) => void, hungUp: AbortSignal): void {
		if (ask.swipe) {
			answer(this.#swipe(ask.swipe));
			return;
		}
		this.#simulation.calm();
		this.#end({ done: `Ended: ${ask.scenario} begins.` });
		const problem = this.#begin(ask);
		if (problem) {
			answer(problem);
			return;
		}
		this.#ended = answer;
		const running = this.#simulation.running;
		if (running) answer({ says: `${running.scenario.name}: ${running.scenario.sentence}\nExpect: ${running.scenario.expects.seen}` });
		answer({ says: `It begins in ${ask.delay / 1000} s and lasts ${ask.duration / 1000} s; the plant runs ${ask.speed} times as fast.` });
		hungUp.addEventListener(
			"abort",
			() => {
				if (this.#ended === answer) this.#simulation.calm();
			},
			{ once: true },
		);
	}

	#swipe({ holder, door }: NonNullable<Ask["swipe"]>): Answer {
		try {
			return { done: `${holder} at ${door}: ${this.#simulation.swipe(holder, door)}` };
		} catch (error) {
			return { error: error instanceof Error ? error.message : String(error) };
		}
	}

	/** `null` when it plays now; otherwise the last word to whoever asked. */
	#begin(ask: Ask): Answer | null {
		const scenario = findScenario(ask.scenario);
		if (!scenario) return { error: `There is no scenario ${ask.scenario}; --list names them.` };
		if (scenario.name === "normal") return { done: "All disturbances have ended." };
		try {
			this.#simulation.begin(scenario, ask);
			return null;
		} catch (error) {
			return { error: error instanceof Error ? error.message : String(error) };
		}
	}

	#step(): void {
		this.#fleet.say(this.#simulation.advance(Date.now()));
		if (this.#ended && !this.#simulation.running) this.#end({ done: "Done: everything goes back to normal." });
	}

	#end(answer: Answer): void {
		const tell = this.#ended;
		this.#ended = null;
		tell?.(answer);
	}
}
