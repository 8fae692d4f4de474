import { io } from "socket.io-client";
import { z } from "zod";
import type { FindingView } from "../../contracts/access.ts";
import type { AccessEventView, Agent, Alarm, DoorEventView } from "../../contracts/api.ts";
import type { Role } from "../../contracts/permissions.ts";
import { type LiveReading, type NoticeEvent, realtimeEvents } from "../../contracts/realtime.ts";
import type { System } from "./system.ts";

/** Everything that the server has pushed to one client, oldest first, checked against the contract. */
export interface LiveClient {
	readings: LiveReading[];
	alarms: Alarm[];
	access: AccessEventView[];
	doors: DoorEventView[];
	findings: FindingView[];
	agents: Agent[];
	notices: NoticeEvent[];
	/** Payloads that did not fit their schema. */
	misfits: string[];
	stop(): void;
}

const answerSchema = z.object({ ok: z.literal(true) });

/** Connects as a dashboard does and joins the site; resolves once joined. */
export async function liveClient(running: Pick<System, "url" | "logIn">, site: string, role?: Role): Promise<LiveClient> {
	const { token } = await running.logIn(role);
	const socket = io(running.url, { transports: ["websocket"], auth: { token } });
	const self: LiveClient = {
		readings: [],
		alarms: [],
		access: [],
		doors: [],
		findings: [],
		agents: [],
		notices: [],
		misfits: [],
		stop: () => void socket.disconnect(),
	};
	const listen = <T>(name: keyof typeof realtimeEvents, schema: z.ZodType<T>, take: (payload: T) => void) =>
		socket.on(name, (payload: unknown) => {
			const parsed = schema.safeParse(payload);
			if (parsed.success) take(parsed.data);
			else self.misfits.push(`${name}: ${parsed.error.message}`);
		});
	listen("reading", realtimeEvents.reading, (event) => self.readings.push(...event.readings));
	listen("alarm", realtimeEvents.alarm, (alarm) => self.alarms.push(alarm));
	listen("access", realtimeEvents.access, (event) => self.access.push(event));
	listen("door", realtimeEvents.door, (event) => self.doors.push(event));
	listen("finding", realtimeEvents.finding, (finding) => self.findings.push(finding));
	listen("agent", realtimeEvents.agent, (agent) => self.agents.push(agent));
	listen("notice", realtimeEvents.notice, (notice) => self.notices.push(notice));
	socket.on("connect", () => void socket.timeout(5000).emit("watch", { site }));
	answerSchema.parse(await socket.timeout(30_000).emitWithAck("watch", { site }));
	return self;
}
