/** The simulated site over time: what every device says at each moment. Knows no MQTT; time is an argument. */

import type { Value } from "../contracts/kinds.ts";
import type { NativeAccess, NativeDoor } from "../contracts/native-dialect.ts";
import type { World, WorldDevice, WorldPoint } from "../contracts/world.ts";
import type { Judgement, Shown } from "./devices/access-list.ts";
import { indexPlant, type PlantIndex, pointValue } from "./devices/point-value.ts";
import { createPeople, type People, stepPeople, turnBack } from "./physics/people.ts";
import { createPlant, type Plant } from "./physics/plant.ts";
import { isSettled, stepPlant } from "./physics/step-plant.ts";
import { type DoorAction, passage } from "./physics/walk.ts";
import { createRandom, hashText, type Random } from "./random.ts";
import type { Disturbance, Plan, Scenario } from "./scenarios/scenario.ts";

/** Something that a device says; `ts` by the device's own clock, Unix ms. An event gets its number when it is sent. */
export type Message =
	| { type: "reading"; device: string; point: string; ts: number; value: Value }
	| { type: "access"; device: string; ts: number; body: Omit<NativeAccess, "ts" | "seq"> }
	| { type: "door"; device: string; ts: number; body: Omit<NativeDoor, "ts" | "seq"> };

export interface Moment {
	messages: Message[];
	/** Devices that are off the network now. */
	cut: ReadonlySet<string>;
	/** Door controllers whose access lists are lost now. */
	lost: ReadonlySet<string>;
}

/** What a controller's access list says of what is shown at a door; `null`: it was never given one. */
export type Judge = (controller: string, shown: Shown, at: { door: string; direction: "in" | "out"; ts: number }) => Judgement | null;

/** A scenario under way. */
export interface Running {
	scenario: Scenario;
	/** When its disturbance begins and ends, Unix ms. */
	begins: number;
	ends: number;
}

interface Sensor {
	device: WorldDevice;
	point: WorldPoint;
	interval: number;
	due: number;
	last: Value | undefined;
}

const NOBODY: ReadonlySet<string> = new Set();
/** A value that moves by this part of its normal range is said at once, before its interval is over. */
const JUMP = 0.3;

export class Simulation {
	readonly #world: World;
	readonly #random: Random;
	readonly #visitorRandom: Random;
	readonly #sensors: Sensor[];
	readonly #judge: Judge;
	/** Passages that a controller has refused, until their last saying is over. */
	readonly #refused = new Set<string>();
	#plant: Plant;
	#people: People;
	#now: number;
	#started = false;
	#running: (Running & { plan: Plan; said: number }) | null = null;
	#speed = 1;

	/**
	 * `now` in Unix ms. The same world, seed, times, scenarios and judgements give the same messages. Without a list people pass as
	 * they mean to: the installer has set the controllers up for the people of the site file.
	 */
	constructor(world: World, seed: number, now: number, judge: Judge = () => null) {
		this.#judge = judge;
		this.#world = world;
		this.#random = createRandom(seed);
		this.#visitorRandom = createRandom(seed ^ hashText("people"));
		this.#plant = createPlant(world, seed);
		this.#people = createPeople(now);
		this.#now = now;
		this.#sensors = [...world.devices.values()].flatMap((device) =>
			device.points.flatMap((point): Sensor[] => {
				if (point.interval === null) return [];
				// Spread over the interval, so that the traffic is even.
				return [{ device, point, interval: point.interval, due: now + (hashText(point.id) % point.interval), last: undefined }];
			}),
		);
	}

	get plant(): Plant {
		return this.#plant;
	}

	/** Replaces what is under way. Throws an Error when the site lacks what the scenario needs. */
	begin(scenario: Scenario, options: { seed: number; delay: number; duration: number; speed: number }): Running {
		const plan = scenario.plan(this.#world, createRandom(options.seed ^ hashText(scenario.name)));
		const begins = this.#now + options.delay;
		this.#running = { scenario, plan, begins, ends: begins + options.duration, said: 0 };
		this.#speed = options.speed;
		return this.#running;
	}

	/** Ends the disturbance that is under way, if any. */
	calm(): void {
		if (this.#running) this.#running.ends = Math.min(this.#running.ends, this.#now);
	}

	/** The scenario whose disturbance lies ahead or is in force. */
	get running(): Running | null {
		return this.#running && this.#running.ends > this.#now ? this.#running : null;
	}

	/**
	 * Somebody of the site file shows their credentials at the way in of a door, now; they pass if they are let in. Returns what the
	 * controller says. Throws an Error that names what the site lacks.
	 */
	swipe(holderId: string, doorId: string): string {
		const { site } = this.#world;
		const holder = site.holders.find(({ id }) => id === holderId);
		const door = site.doors.find(({ id }) => id === doorId);
		if (!holder) throw new Error(`The site has no holder ${holderId}.`);
		if (!door) throw new Error(`The site has no door ${doorId}; expected one of ${site.doors.map(({ id }) => id).join(", ")}`);
		const actions = passage(this.#world, holder, { door, from: door.from, to: door.to }, this.#now, 2_000);
		this.#people = { ...this.#people, agenda: [...this.#people.agenda, ...actions] };
		const [first] = actions;
		if (first?.topic !== "access") throw new Error(`Door ${doorId} has no reader.`);
		const { card = null, fingerprint = null, reason } = first.body;
		return this.#judge(door.controller, { card, fingerprint }, { door: doorId, direction: "in", ts: this.#now })?.reason ?? reason;
	}

	/** Lets the time pass up to `now` and returns what was said on the way. */
	advance(now: number): Moment {
		const before = this.#now;
		this.#now = now;
		const disturbance = this.#disturbance();
		const ahead = disturbance.clockAhead;
		const stamp = (device: string, at: number) => Math.round(at) + (ahead?.get(device) ?? 0);
		const seconds = ((now - before) / 1000) * this.#plantSpeed();
		const inputs = { time: now, feedsDown: new Set(disturbance.feedsDown), failedCracs: new Set(disturbance.failedCracs) };
		if (seconds > 0) this.#plant = stepPlant(this.#plant, seconds, inputs, this.#random);

		const messages: Message[] = [];
		if (!this.#started) {
			this.#started = true;
			for (const door of this.#world.site.doors)
				messages.push({ type: "door", device: door.controller, ts: stamp(door.controller, now), body: { door: door.id, state: "closed" } });
		}
		const visits = stepPeople(this.#people, this.#world, now, this.#visitorRandom);
		this.#people = visits.people;
		for (const action of [...visits.actions, ...this.#planned()]) {
			const common = { device: action.device, ts: stamp(action.device, action.at) };
			if (action.topic === "access") messages.push({ type: "access", ...common, body: this.#judged(action, action.body, common.ts) });
			else if (action.passage === undefined || !this.#refused.has(action.passage)) messages.push({ type: "door", ...common, body: action.body });
			else if (action.body.state === "locked") this.#refused.delete(action.passage);
		}
		const cut = disturbance.cut ?? NOBODY;
		const index = indexPlant(this.#plant);
		for (const sensor of this.#sensors) {
			if (cut.has(sensor.device.id)) continue;
			const value = this.#valueOf(sensor, index, disturbance);
			if (now < sensor.due && !isNews(sensor, value)) continue;
			while (sensor.due <= now) sensor.due += sensor.interval;
			sensor.last = value;
			messages.push({ type: "reading", device: sensor.device.id, point: sensor.point.point, ts: stamp(sensor.device.id, now), value });
		}
		return { messages, cut, lost: disturbance.lost ?? NOBODY };
	}

	/** A badge that was meant to be let in, as the controller's list has it. Who is refused turns back. */
	#judged<Body extends Omit<NativeAccess, "ts" | "seq">>({ device, passage, visit }: DoorAction, body: Body, ts: number): Body {
		const { card = null, fingerprint = null, door, direction, result } = body;
		if (result !== "granted" || (card === null && fingerprint === null)) return body;
		const judgement = this.#judge(device, { card, fingerprint }, { door, direction, ts });
		if (judgement === null || judgement.result === "granted") return body;
		if (passage !== undefined) this.#refused.add(passage);
		if (visit !== undefined) this.#people = turnBack(this.#people, visit);
		return { ...body, ...judgement };
	}

	#valueOf(sensor: Sensor, index: PlantIndex, disturbance: Disturbance): Value {
		const forced = disturbance.values?.get(sensor.point.id);
		if (forced !== undefined) return forced;
		const value = pointValue(index, sensor.device, sensor.point, this.#random);
		const offset = disturbance.offsets?.get(sensor.point.id);
		return offset !== undefined && typeof value === "number" ? Number((value + offset).toFixed(2)) : value;
	}

	#disturbance(): Disturbance {
		const running = this.#running;
		if (!running || this.#now < running.begins || this.#now >= running.ends) return {};
		return running.plan.at?.((this.#now - running.begins) / 1000) ?? {};
	}

	/** The plant is fast while a scenario is on, and until it has recovered from it. */
	#plantSpeed(): number {
		if (this.#speed === 1 || !this.#running || this.#now < this.#running.begins) return 1;
		if (this.running || !isSettled(this.#plant)) return this.#speed;
		this.#speed = 1;
		return 1;
	}

	*#planned() {
		const running = this.#running;
		if (!running) return;
		const sayings = running.plan.sayings ?? [];
		for (let saying = sayings[running.said]; saying; saying = sayings[running.said]) {
			// What is left when a scenario is ended early is said at once where it closes a door, and not at all elsewhere.
			const over = this.#now >= running.ends;
			const at = running.begins + saying.after * 1000;
			if (at > this.#now && !over) return;
			running.said++;
			if (over && !(saying.topic === "door" && saying.body.state === "closed")) continue;
			yield { ...saying, at: Math.min(at, this.#now) };
		}
	}
}

function isNews(sensor: Sensor, value: Value): boolean {
	if (sensor.last === undefined || value === sensor.last) return false;
	if (typeof value !== "number" || typeof sensor.last !== "number") return true;
	const normal = sensor.point.normal;
	return normal !== null && Math.abs(value - sensor.last) > JUMP * (normal.max - normal.min);
}
