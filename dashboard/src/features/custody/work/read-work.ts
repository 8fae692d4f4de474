import type { z } from "zod";
import { siteViewSchema } from "../../../../../contracts/api.ts";
import type { SessionView } from "../../../../../contracts/identity.ts";
import { mediumViewSchema } from "../../../../../contracts/media.ts";
import { batchViewSchema, equipmentViewSchema, storeViewSchema } from "../../../../../contracts/media-orders.ts";
import { fetchAll } from "../../../api/fetch-json.ts";
import type { Work } from "./device-store.ts";

const API = "/api/v1/media";

/** Reads everything that the work needs. Throws ProblemError. */
export async function readWork({ user, permissions }: SessionView, signal: AbortSignal): Promise<Work> {
	const readAt = Date.now();
	const [orders, machines, stores, sites] = await Promise.all([
		fetchAll(`${API}/batches?state=open&limit=100`, batchViewSchema, { signal }),
		fetchAll(`${API}/equipment?limit=500`, equipmentViewSchema, { signal }),
		fetchAll(`${API}/stores?limit=500`, storeViewSchema, { signal }),
		fetchAll("/api/v1/sites", siteViewSchema, { signal }),
	]);
	const media: z.infer<typeof mediumViewSchema>[] = [];
	for (const { id } of orders) media.push(...(await fetchAll(`${API}?batch=${id}&limit=500`, mediumViewSchema, { signal })));
	return {
		readAt,
		account: { id: user.id, name: user.name, mayRelease: (permissions["media.release"]?.length ?? 0) > 0 },
		orders,
		media,
		machines: machines.filter(({ retiredAt }) => retiredAt === null),
		stores,
		rooms: sites.flatMap(({ rooms }) => rooms.map(({ id, name }) => ({ id, name }))),
	};
}
