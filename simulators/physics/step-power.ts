import type { Random } from "../random.ts";
import { type ByFeed, FEEDS, type Feed, type FeedState, type PlantInputs, type RackState, type UpsState } from "./plant.ts";

const DAY = 86_400_000;
/** Time from empty to full batteries, s. */
const RECHARGE = 1200;
/** Mechanical load behind the meters beside the UPS, W. */
const MECHANICAL = 9_000;

/** What the rack's machines want to draw, W: mean, daily swing, slow noise; they throttle above 40 °C down to a tenth. */
export function demandOf(rack: RackState, time: number): number {
	const daily = 0.06 * Math.sin((2 * Math.PI * (time - DAY / 8)) / DAY);
	const throttle = Math.min(1, Math.max(0.1, (50 - rack.inlet) / 10));
	return rack.base * (1 + daily + rack.swing) * throttle;
}

/** The rack's slow random load, an Ornstein-Uhlenbeck process kept within 5 %. */
export function stepSwing(swing: number, seconds: number, random: Random): number {
	const next = swing - (swing * seconds) / 900 + 0.0009 * Math.sqrt(seconds) * random.normal();
	return Math.min(0.05, Math.max(-0.05, next));
}

/** How a load is shared by the feeds that live: by `shareA` when both do, all on one when one does, nothing when none does. */
export function shareLoad(load: number, shareA: number, live: ByFeed<boolean>): ByFeed<number> {
	if (live.A && live.B) return { A: load * shareA, B: load * (1 - shareA) };
	return { A: live.A ? load : 0, B: live.B ? load : 0 };
}

/** One UPS: on its batteries while the feed is down, off once they are empty, charging while the feed is there. */
export function stepUps(ups: UpsState, seconds: number, feedUp: boolean, load: number): UpsState {
	if (feedUp) return { ...ups, mode: "online", load, charge: Math.min(100, ups.charge + (100 * seconds) / RECHARGE) };
	const charge = Math.max(0, ups.charge - (100 * load * seconds) / (ups.capacity * 3_600_000));
	return { ...ups, mode: charge > 0 && ups.mode !== "off" ? "on-battery" : "off", load: charge > 0 ? load : 0, charge };
}

/** One utility feed at its meter. */
export function stepFeed(feed: FeedState, seconds: number, up: boolean, ups: UpsState, random: Random): FeedState {
	const charging = ups.charge < 100 ? (ups.capacity * 3_600_000) / RECHARGE : 0;
	const power = up ? ups.load * 1.05 + charging + MECHANICAL : 0;
	const wander = (value: number, middle: number, most: number) =>
		Math.min(middle + most, Math.max(middle - most, value + ((middle - value) * Math.min(seconds, 60)) / 300 + most * 0.03 * random.normal()));
	return {
		up,
		voltage: up ? wander(feed.up ? feed.voltage : 230, 230, 4) : 0,
		frequency: up ? wander(feed.up ? feed.frequency : 50, 50, 0.08) : 0,
		power,
		energy: feed.energy + (power * seconds) / 3_600_000,
	};
}

/** Racks, UPS and feeds after `seconds`. The sum of what the racks draw from a feed is that feed's UPS load. */
export function stepPower(
	state: { racks: RackState[]; ups: ByFeed<UpsState>; feeds: ByFeed<FeedState> },
	seconds: number,
	inputs: PlantInputs,
	random: Random,
): { racks: RackState[]; ups: ByFeed<UpsState>; feeds: ByFeed<FeedState> } {
	const feedUp = (feed: Feed) => !inputs.feedsDown.has(feed);
	const isLive = (feed: Feed) => feedUp(feed) || state.ups[feed].mode !== "off";
	const live = { A: isLive("A"), B: isLive("B") };
	const racks = state.racks.map((rack): RackState => {
		const swing = stepSwing(rack.swing, seconds, random);
		const draw = shareLoad(demandOf({ ...rack, swing }, inputs.time), rack.shareA, live);
		const energy = { A: rack.energy.A + (draw.A * seconds) / 3_600_000, B: rack.energy.B + (draw.B * seconds) / 3_600_000 };
		return { ...rack, swing, draw, energy, load: draw.A + draw.B };
	});
	const ups = { ...state.ups };
	const feeds = { ...state.feeds };
	for (const feed of FEEDS) {
		const load = racks.reduce((sum, rack) => sum + rack.draw[feed], 0);
		ups[feed] = stepUps(state.ups[feed], seconds, feedUp(feed), load);
		feeds[feed] = stepFeed(state.feeds[feed], seconds, feedUp(feed), ups[feed], random);
	}
	return { racks, ups, feeds };
}
