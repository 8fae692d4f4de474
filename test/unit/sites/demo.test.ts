import { expect, test } from "vitest";
import type { PlanRectangle } from "../../../contracts/site.ts";
import { demoWorld } from "../simulators/demo-site.ts";

const world = demoWorld();
const { site } = world;

test("the demo site has two halls of twelve racks with PDU A and B, two feeds, two UPS, ten doors, sixty people and about 400 points", () => {
	const halls = site.rooms.filter((room) => room.kind === "data-hall");
	expect(halls.map((hall) => site.racks.filter((rack) => rack.room === hall.id).length)).toEqual([12, 12]);
	for (const rack of site.racks) {
		const feeds = [...world.devices.values()]
			.filter((device) => device.kind === "pdu" && device.location.rack === rack.id)
			.map((device) => device.feed);
		expect(new Set(feeds), rack.id).toEqual(new Set(["A", "B"]));
	}
	for (const kind of ["power-meter", "ups"]) expect([...world.devices.values()].filter((device) => device.kind === kind)).toHaveLength(2);
	expect(site.doors).toHaveLength(10);
	expect(site.holders).toHaveLength(60);
	expect(world.points.size).toBeGreaterThan(380);
	expect(world.points.size).toBeLessThan(480);
	expect(new Set([...world.devices.values()].map((device) => device.kind)).size).toBeGreaterThanOrEqual(12);
});

const inside = (inner: PlanRectangle, outer: PlanRectangle) =>
	inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.depth <= outer.y + outer.depth;
const overlap = (a: PlanRectangle, b: PlanRectangle) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.depth && b.y < a.y + a.depth;

test("rooms tile the floor plan: none overlap, and together they fill it", () => {
	const plans = site.rooms.map((room) => room.plan);
	for (const [index, a] of plans.entries()) for (const b of plans.slice(index + 1)) expect(overlap(a, b)).toBe(false);
	const area = plans.reduce((sum, plan) => sum + plan.width * plan.depth, 0);
	const width = Math.max(...plans.map((plan) => plan.x + plan.width));
	const depth = Math.max(...plans.map((plan) => plan.y + plan.depth));
	expect(area).toBeCloseTo(width * depth);
});

test("racks stand inside their rooms and apart from each other; devices stand within the plan", () => {
	const rooms = new Map(site.rooms.map((room) => [room.id, room.plan]));
	for (const [index, rack] of site.racks.entries()) {
		expect(inside(rack.plan, rooms.get(rack.room) as PlanRectangle), rack.id).toBe(true);
		for (const other of site.racks.slice(index + 1)) expect(overlap(rack.plan, other.plan), `${rack.id} ${other.id}`).toBe(false);
	}
	for (const device of world.devices.values()) {
		if (!device.plan) continue;
		expect(device.plan.x).toBeGreaterThan(0);
		expect(device.plan.x).toBeLessThan(34);
		expect(device.plan.y).toBeGreaterThan(0);
		expect(device.plan.y).toBeLessThan(18);
	}
});

test("every door stands on a wall of both rooms that it joins", () => {
	const onWall = (plan: PlanRectangle, { x, y }: { x: number; y: number }) => {
		const within = x >= plan.x && x <= plan.x + plan.width && y >= plan.y && y <= plan.y + plan.depth;
		return within && (x === plan.x || x === plan.x + plan.width || y === plan.y || y === plan.y + plan.depth);
	};
	for (const door of site.doors)
		for (const id of [door.from, door.to]) {
			const room = site.rooms.find((one) => one.id === id);
			if (room) expect(onWall(room.plan, door.plan), `${door.id} on a wall of ${id}`).toBe(true);
		}
});

test("doors are controlled by door controllers; a two-factor door asks for card and fingerprint together", () => {
	for (const door of site.doors) {
		expect(world.devices.get(door.controller)?.kind).toBe("door-controller");
		const entries = door.readers.filter((reader) => reader.direction === "in").map((reader) => world.devices.get(reader.device)?.kind);
		if (door.factors === "two") expect(entries, door.id).toEqual(["card-fingerprint-reader"]);
		else expect(entries.length, door.id).toBe(1);
	}
	expect(site.doors.filter((door) => door.factors === "two").map((door) => door.to)).toEqual(["hall-a", "hall-b", "battery-room"]);
});

test("each rule watches at least one point and tells the operator cause, consequence, action and response time", () => {
	for (const rule of site.rules) {
		for (const text of [rule.cause, rule.consequence, rule.action]) expect(text, rule.id).not.toBe("");
		expect(rule.responseTime, rule.id).toBeGreaterThan(0);
		const watched = [...world.points.values()].filter((point) => {
			const { on } = rule;
			const kind = world.devices.get(point.device)?.kind;
			return (
				(!on.pointKind || on.pointKind.includes(point.kind)) &&
				(!on.deviceKind || (kind !== undefined && on.deviceKind.includes(kind))) &&
				(!on.point || on.point.includes(point.point)) &&
				(!on.device || on.device.includes(point.device))
			);
		});
		expect(watched.length, rule.id).toBeGreaterThan(0);
		if (rule.kind !== "state") continue;
		for (const point of watched)
			for (const state of rule.states)
				expect(point.states?.includes(String(state)) || point.type === "boolean", `${rule.id} ${point.id} ${state}`).toBe(true);
	}
});
