/** How a simulated door controller answers the agent's commands; pure. */
import type { z } from "zod";
import type { nativeCommandSchema, nativeResultSchema } from "../../contracts/native-dialect.ts";

export type Command = z.infer<typeof nativeCommandSchema>;
export type Result = z.infer<typeof nativeResultSchema>;

/** What a controller keeps between commands. */
export interface ControllerMemory {
	/** The access list as it was put last. */
	accessList: Record<string, unknown>;
}
export const EMPTY_MEMORY: ControllerMemory = { accessList: {} };

/** Carries out one command: `identify`, `access-list.put`, `access-list.get`; anything else is answered with an error. */
export function answerCommand(device: string, memory: ControllerMemory, command: Command): { memory: ControllerMemory; result: Result } {
	const result = (ok: boolean, error: string | null, body: Record<string, unknown>): Result => ({ id: command.id, ok, error, body });
	switch (command.op) {
		case "identify":
			return { memory, result: result(true, null, { device, maker: "Watchroom simulators" }) };
		case "access-list.put":
			return { memory: { accessList: command.body }, result: result(true, null, {}) };
		case "access-list.get":
			return { memory, result: result(true, null, memory.accessList) };
		default:
			return { memory, result: result(false, `unknown operation ${command.op}`, {}) };
	}
}
