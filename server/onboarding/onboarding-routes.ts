import { stringify } from "yaml";
import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import { addedDeviceSchema, adoptionText, seenDeviceDetailsSchema, seenDeviceViewSchema } from "../../contracts/onboarding.ts";
import { isoOf } from "../platform/database/instants.ts";
import { notFound } from "../platform/errors.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { BookedDevice, DeviceBook } from "./device-book.ts";
import { proposeDevice } from "./propose-device.ts";
import type { SeenDevices } from "./seen-devices.ts";

/** Devices that speak and aren't configured, and those that were added by agreement. Adding one is proposed by `POST /changes`. */
export function onboardingRoutes(seen: Pick<SeenDevices, "list">, book: Pick<DeviceBook, "list" | "current">): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/seen-devices",
			summary: "Devices that speak and aren't configured, by agent and address",
			tag: "site",
			permission: "quarantine.read",
			query: z.object(pagingQuery),
			response: pageOf(seenDeviceViewSchema),
			handle: async ({ query }) => inMemoryPage(seen.list(), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/seen-devices/{id}",
			summary: "One of them, with a proposal of what it could be in the site",
			tag: "site",
			permission: "quarantine.read",
			params: z.object({ id: z.string().max(64) }),
			response: seenDeviceDetailsSchema,
			handle: async ({ params: { id } }) => {
				const device = seen.list().find((one) => one.id === id);
				if (!device) throw notFound("unconfigured device", id);
				const span = { firstSeen: Date.parse(device.firstSeen), lastSeen: Date.parse(device.lastSeen) };
				return { ...device, proposal: proposeDevice({ ...device, ...span }, new Set(book.current().devices.keys())) };
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/added-devices",
			summary: "Devices that two people have added to those of the site file, each as it would stand there",
			tag: "site",
			permission: "site.read",
			query: z.object(pagingQuery),
			response: pageOf(addedDeviceSchema),
			handle: async ({ query }) => inMemoryPage(book.list().map(viewOf), query),
		}),
	];
}

function viewOf({ device: id, version, at, change, definition, resting }: BookedDevice): z.output<typeof addedDeviceSchema> {
	const { place, device, rules } = adoptionText(definition);
	const where = "rack" in place ? `rack ${place.rack}` : `room ${place.room}`;
	const yaml = stringify({ devices: [device], rules }, { lineWidth: 150 });
	return {
		id,
		version,
		at: isoOf(at),
		change,
		resting,
		definition: JSON.parse(JSON.stringify({ place, device, rules })),
		yaml: `# devices: to the ${where}; rules: to those of the site\n${yaml}`,
	};
}
