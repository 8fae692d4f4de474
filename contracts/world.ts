/** The site file with everything spelled out: each device with its points and place, each point with its unit. */

import { pointIdOf } from "./identifiers.ts";
import type { DeviceKind, PointKind, Value } from "./kinds.ts";
import { DOOR_STATES, POINT_KINDS } from "./kinds.ts";
import type { DeviceSpec, PointSpec, SiteFile } from "./site.ts";
import type { DeviceMapping } from "./uplink.ts";

export interface WorldPoint {
	/** `{device}:{point}` */
	id: string;
	device: string;
	/** The point's own name, without the device. */
	point: string;
	name: string;
	kind: PointKind;
	type: "number" | "boolean" | "state";
	unit: string | null;
	states: string[] | null;
	normal: { min: number; max: number } | null;
	range: { min: number; max: number } | null;
	/** Expected time between two readings, ms; `null`: speaks only when something happens (doors). */
	interval: number | null;
	location: Location;
	/** What the device calls it. */
	source: string;
	/** The unit that the device means where it doesn't say. */
	sourceUnit: string | null;
	/** What the device's words mean; `null`: what they say. */
	values: Record<string, Value> | null;
}
export interface Location {
	site: string;
	room: string;
	rack: string | null;
}
export interface WorldDevice {
	id: string;
	name: string;
	kind: DeviceKind;
	agent: string;
	profile: string;
	/** What its dialect calls it. */
	address: string;
	/** How its messages are read beside its points. */
	mapping: DeviceMapping | null;
	/** Of its clock; `null`: the site's. */
	timeZone: string | null;
	feed: "A" | "B" | null;
	location: Location;
	plan: { x: number; y: number } | null;
	points: WorldPoint[];
	/** Doors whose state this device reports. */
	doors: string[];
}
export interface World {
	site: SiteFile;
	devices: Map<string, WorldDevice>;
	/** By `{device}:{point}`. */
	points: Map<string, WorldPoint>;
}

/** Spells out a checked site file: models resolved, units and places filled in, a door-state point for every door. */
export function expandSite(site: SiteFile): World {
	const models = new Map(site.models.map((model) => [model.id, model]));
	const devices = new Map<string, WorldDevice>();
	const add = (spec: DeviceSpec, location: Location) => {
		const model = spec.model === undefined ? undefined : models.get(spec.model);
		const kind = spec.kind ?? model?.kind;
		if (!kind) throw new Error(`device ${spec.id} has neither kind nor model; check the site file with parseSite first`);
		const name = spec.name ?? spec.id;
		const specs = [...(model?.points ?? []), ...(spec.points ?? [])];
		devices.set(spec.id, {
			id: spec.id,
			name,
			kind,
			agent: spec.agent ?? site.agents[0]?.id ?? "",
			profile: spec.profile,
			address: spec.address ?? spec.id,
			mapping: spec.mapping ?? null,
			timeZone: spec.timeZone ?? null,
			feed: spec.feed ?? null,
			location,
			plan: spec.plan ?? null,
			points: specs.map((point) => worldPoint(spec.id, point, location)),
			doors: [],
		});
	};
	for (const room of site.rooms) for (const spec of room.devices) add(spec, { site: site.id, room: room.id, rack: null });
	for (const rack of site.racks) for (const spec of rack.devices) add(spec, { site: site.id, room: rack.room, rack: rack.id });
	for (const door of site.doors) {
		const controller = devices.get(door.controller);
		if (!controller) continue;
		controller.doors.push(door.id);
		controller.points.push({
			id: pointIdOf(controller.id, door.id),
			device: controller.id,
			point: door.id,
			name: door.name,
			kind: "door-state",
			type: "state",
			unit: null,
			states: [...DOOR_STATES],
			normal: null,
			range: null,
			interval: null,
			location: { ...controller.location, room: door.to === "outside" ? door.from : door.to },
			source: door.source ?? door.id,
			sourceUnit: null,
			values: null,
		});
	}
	const points = new Map<string, WorldPoint>();
	for (const device of devices.values()) for (const point of device.points) points.set(point.id, point);
	return { site, devices, points };
}

function worldPoint(device: string, spec: PointSpec, location: Location): WorldPoint {
	return {
		id: pointIdOf(device, spec.id),
		device,
		point: spec.id,
		name: spec.name ?? spec.id,
		kind: spec.kind,
		type: spec.type,
		unit: spec.type === "number" ? (spec.unit ?? POINT_KINDS[spec.kind]) : null,
		states: spec.states ?? null,
		normal: spec.normal ?? null,
		range: spec.range ?? null,
		interval: spec.interval,
		location,
		source: spec.source ?? spec.id,
		sourceUnit: spec.sourceUnit ?? null,
		values: spec.values ?? null,
	};
}

/** `demo/hall-a/A03`, as the API shows it; without a room (`""`) the whole site. */
export function locationText(location: Location): string {
	return [location.site, location.room, location.rack].filter((part) => part !== null && part !== "").join("/");
}
