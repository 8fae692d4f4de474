/** When the server's own conditions hold; pure, time comes as an argument. */
import type { Agent, Device } from "../../contracts/api.ts";
import { CLOCK_SKEW_LIMIT } from "../../contracts/reading.ts";
import { momentAt } from "../platform/zoned-time.ts";
import type { OwnReport } from "./own-alarm.ts";
import type { OwnRuleId } from "./own-rules.ts";

/** One of the server's own conditions, as it looks at one moment. */
export interface OwnCondition {
	rule: OwnRuleId;
	/** Satisfies `idSchema`. */
	subject: string;
	/** `null`: can't be told now; the alarm stays as it is. */
	holds: boolean | null;
	/** How long it must hold, or not hold, before that is said, ms. */
	onDelay: number;
	offDelay: number;
	/** What was looked at; the delay only runs out on something newer than what began it. Without it the look itself counts. */
	sample?: string | number | null;
	message: string;
	/** The message is of now: an alarm that goes on says the newest one. Others say what they were raised for. */
	ofNow?: true;
	room?: string;
	rack?: string | null;
}

/** The rules whose conditions are looked at again and again. */
export const WATCHED: readonly OwnRuleId[] = [
	"agent-offline",
	"device-clock-skew",
	"history-degraded",
	"ledger-fork",
	"audit-review-overdue",
	"revocation-unconfirmed",
	"grants-lapsing",
	"visitor-overstay",
	"visitor-badge-out",
	"review-overdue",
	"media-incident",
	"media-overdue",
	"roster-gap",
	"nobody-on-duty",
	"notifications-unreached",
	"channel-failing",
	"test-alarm-missed",
];

const SECOND = 1000;
/** An agent that is started anew is back within this. */
const AGENT_GRACE = 10 * SECOND;
/** The same for one not heard since the server's start, and for what is behind it: after a power cut they all start at once. */
export const START_GRACE = 60 * SECOND;
/** A device that sends its backlog looks like one whose clock is behind, but not for long. */
const SKEW_DELAY = 60 * SECOND;
/** The clock is well again below this share of the limit. */
const SKEW_BACK = 0.75;
const HISTORY_DELAY = 30 * SECOND;
const SPOOL_FULL = 0.5;
const SPOOL_BACK = 0.4;

/** Agents that are not heard. `startedAt`: start of the server, `now`: Unix ms. */
export function agentConditions(
	agents: readonly Pick<Agent, "id" | "name" | "status" | "lastSeen">[],
	startedAt: number,
	now: number,
): OwnCondition[] {
	return agents.map(({ id, name, status, lastSeen }) => {
		const heard = lastSeen !== null && Date.parse(lastSeen) >= startedAt;
		const waits = !heard && now - startedAt < START_GRACE;
		return {
			rule: "agent-offline",
			subject: id,
			holds: status === "unknown" || (status === "offline" && waits) ? null : status === "offline",
			onDelay: heard ? AGENT_GRACE : 0,
			offDelay: 0,
			message: `Edge agent ${name} is offline`,
		};
	});
}

type Clock = Pick<Device, "id" | "name" | "status" | "lastSeen" | "clockSkewMs" | "room" | "rack">;

/** Devices whose clock is off. `active`: whether the alarm on a device is active, for the hysteresis. */
export function clockConditions(devices: readonly Clock[], active: (device: string) => boolean): OwnCondition[] {
	return devices.map(({ id, name, status, lastSeen, clockSkewMs, room, rack }) => {
		const skew = clockSkewMs ?? 0;
		const limit = active(id) ? CLOCK_SKEW_LIMIT * SKEW_BACK : CLOCK_SKEW_LIMIT;
		return {
			rule: "device-clock-skew",
			subject: id,
			holds: clockSkewMs === null || status === "unknown" ? null : Math.abs(skew) > limit,
			onDelay: SKEW_DELAY,
			offDelay: 0,
			sample: lastSeen,
			message: `The clock of ${name} is ${Math.round(Math.abs(skew) / SECOND)} s ${skew < 0 ? "behind" : "ahead"}`,
			room,
			rack,
		};
	});
}

/** The history's store. `spoolLimit`: bytes that the spool may hold; `active` as in {@link clockConditions}. */
export function historyCondition(
	{ status, spoolBytes }: { status: "ok" | "degraded" | "down"; spoolBytes: number },
	spoolLimit: number,
	active: boolean,
): OwnCondition {
	const filled = spoolBytes / spoolLimit;
	const full = filled > (active ? SPOOL_BACK : SPOOL_FULL);
	const spool = `the spool is ${Math.round(filled * 100)} % full`;
	return {
		rule: "history-degraded",
		subject: "history",
		holds: status !== "ok" || full,
		// A spool that fills up has shown for long enough that it isn't passing.
		onDelay: full ? 0 : HISTORY_DELAY,
		offDelay: HISTORY_DELAY,
		message: status === "ok" ? `History: ${spool}` : `History ${status}${spoolBytes > 0 ? `, ${spool}` : ""}`,
	};
}

/** Witnesses that were shown another history of the ledger. `forkOf`: what an agent says of it, `undefined` while it is not heard. */
export function forkConditions(agents: readonly Pick<Agent, "id" | "name">[], forkOf: (agent: string) => string | null | undefined): OwnCondition[] {
	return agents.map(({ id, name }) => {
		const fork = forkOf(id);
		return {
			rule: "ledger-fork",
			subject: id,
			holds: fork === undefined ? null : fork !== null,
			onDelay: 0,
			offDelay: 0,
			message: `Edge agent ${name} was shown another history of the ledger: ${fork ?? ""}`,
		};
	});
}

/** Reviews of the audit log that nobody has signed. `dueAt`, `now`: Unix ms. */
export function reviewConditions(unsigned: readonly { id: string; dueAt: number }[], now: number): OwnCondition[] {
	return unsigned.map(({ id, dueAt }) => ({
		rule: "audit-review-overdue",
		subject: id,
		holds: now > dueAt,
		onDelay: 0,
		offDelay: 0,
		message: `The audit log of ${id} was to be reviewed by ${new Date(dueAt).toISOString().slice(0, 10)}`,
	}));
}

/** Zones to which grants lapse soon (ACC-6); `first`: when the first of them does, Unix ms. */
export function lapseConditions(zones: readonly { zone: string; name: string; count: number; first: number }[]): OwnCondition[] {
	return zones.map(({ zone, name, count, first }) => ({
		rule: "grants-lapsing",
		subject: zone,
		holds: count > 0,
		onDelay: 0,
		offDelay: 0,
		message:
			count === 0 ? `${name}: no grant lapses soon` : `${name}: ${count} grants lapse, the first on ${new Date(first).toISOString().slice(0, 10)}`,
	}));
}

/** Visitors who should have left, and badges that should be back (ACC-8). */
export function visitorConditions(overdue: {
	overstayed: readonly { id: string }[];
	badges: readonly { id: string; badge: string | null }[];
}): OwnCondition[] {
	const common = { holds: true, onDelay: 0, offDelay: 0 };
	return [
		...overdue.overstayed.map(
			({ id }): OwnCondition => ({ ...common, rule: "visitor-overstay", subject: id, message: "A visitor is still on site after the visit's time" }),
		),
		...overdue.badges.map(
			({ id, badge }): OwnCondition => ({ ...common, rule: "visitor-badge-out", subject: id, message: `Badge ${badge ?? ""} was not handed back` }),
		),
	];
}

/** Chains of custody that stand still, and media that are with somebody for too long (MED-2). */
export function custodyConditions(troubles: {
	incidents: readonly { id: string; kind: string; serials: readonly string[] }[];
	overdue: readonly { id: string; serial: string }[];
}): OwnCondition[] {
	const common = { holds: true, onDelay: 0, offDelay: 0 };
	return [
		...troubles.incidents.map(({ id, kind, serials }): OwnCondition => {
			const named = serials.length > 5 ? `${serials.slice(0, 5).join(", ")} and ${serials.length - 5} more` : serials.join(", ");
			return { ...common, rule: "media-incident", subject: id, message: `Media ${named}: ${kind.replaceAll("-", " ")}` };
		}),
		...troubles.overdue.map(
			({ id, serial }): OwnCondition => ({
				...common,
				rule: "media-overdue",
				subject: id,
				message: `Medium ${serial} has been with one person for too long`,
			}),
		),
	];
}

/**
 * Places of the duty roster that nobody holds (ALM-8) and whether anybody is on duty at all, at `now`, told in the site's time zone;
 * nothing where there is no plan.
 */
export function rosterConditions(
	roster: { places: readonly string[]; gaps: readonly { place: string; from: number; until: number }[]; nobody: boolean } | null,
	{ now, timeZone }: { now: number; timeZone: string },
): OwnCondition[] {
	if (!roster) return [];
	const common = { onDelay: 0, offDelay: 0 };
	const places = roster.places.map((place): OwnCondition => {
		const [first, ...more] = roster.gaps.filter((gap) => gap.place === place);
		const when = !first ? "" : first.from <= now ? ` now, until ${momentAt(first.until, timeZone)}` : ` from ${momentAt(first.from, timeZone)}`;
		const often = more.length > 0 ? `, and at ${more.length} more ${more.length === 1 ? "time" : "times"} within 30 days` : "";
		const message = `Nobody is on duty as ${place}${when}${often}`;
		return { ...common, rule: "roster-gap", subject: place, holds: first !== undefined, message, ofNow: true };
	});
	return [...places, { ...common, rule: "nobody-on-duty", subject: "roster", holds: roster.nobody, message: "Nobody is on duty now" }];
}

/** How long a channel must have failed before that is an alarm. */
const CHANNEL_DELAY = 120 * SECOND;
/** Whether people are reached (ALM-7): pages that have reached nobody, and channels with what came of their newest messages. `now`: Unix ms. */
export function notificationConditions(
	unreached: number,
	channels: readonly { channel: string; failingSince: number | null; reason: string | null }[],
	now: number,
): OwnCondition[] {
	const common = { onDelay: 0, offDelay: 0 };
	return [
		{
			...common,
			rule: "notifications-unreached",
			subject: "notifications",
			holds: unreached > 0,
			message: `${unreached} ${unreached === 1 ? "alarm has" : "alarms have"} reached nobody`,
			ofNow: true,
		},
		...channels.map(
			({ channel, failingSince, reason }): OwnCondition => ({
				...common,
				rule: "channel-failing",
				subject: channel,
				holds: failingSince !== null && now - failingSince >= CHANNEL_DELAY,
				message: `Messages by ${channel} fail: ${reason ?? ""}`,
			}),
		),
	];
}

/** What to report of a line of high risk in the audit log: one alarm for each kind of operation, raised anew by each line. */
export function highRiskReport({ operation, username, at }: { operation: string; username: string | null; at: number }): OwnReport {
	const message = `${operation} by ${username ?? "somebody unknown"}`;
	return { rule: "high-risk-operation", subject: operation.slice(0, 64), active: true, at, message };
}

/** What has been said of a condition, and since when it looks otherwise. */
export interface Held {
	active: boolean;
	differs: { since: number; sample: OwnCondition["sample"] } | null;
}

/** Takes a look at a condition into account: `active` changes once it has looked otherwise for the condition's delay. */
export function look(before: Held, { holds, onDelay, offDelay, sample }: OwnCondition, now: number): Held {
	const { active } = before;
	if (holds === null || holds === active) return { active, differs: null };
	const differs = before.differs ?? { since: now, sample };
	const delay = holds ? onDelay : offDelay;
	const proven = delay === 0 || sample === undefined || sample !== differs.sample;
	return now - differs.since >= delay && proven ? { active: holds, differs: null } : { active, differs };
}
