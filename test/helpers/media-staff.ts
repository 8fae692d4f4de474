/** People who work on media over the API of a running server: each with their own log-in, as pages and phones do it. */
import { randomUUID } from "node:crypto";
import type { IncidentOutcome, IncidentView, MediumView, StepInput } from "../../contracts/media.ts";
import type { EquipmentInput } from "../../contracts/media-orders.ts";
import type { Role } from "../../contracts/permissions.ts";
import type { System } from "./system.ts";
import { waitFor } from "./wait-for.ts";

export type Act = { act: StepInput["act"] } & Record<string, unknown>;
export interface Answer {
	status: number;
	/** Of a problem. */
	code: string | null;
	medium: MediumView | null;
}

export class MediaStaff {
	readonly #running: System;
	readonly #accounts = new Map<Role, string>();
	#machines = 0;

	constructor(running: System) {
		this.#running = running;
	}

	async account(role: Role): Promise<string> {
		const known = this.#accounts.get(role) ?? (await this.#running.get<{ user: { id: string } }>("/api/v1/session", role)).user.id;
		this.#accounts.set(role, known);
		return known;
	}

	/** Sets something up as the media custodian; throws for what isn't taken. */
	async make<T extends { id: string }>(path: string, body: unknown, role: Role = "media-custodian"): Promise<T> {
		const { status, body: answer } = await this.#running.post<T>(`/api/v1/media${path}`, body, role);
		if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`);
		return answer;
	}

	/** A machine whose records are in date, or ran out yesterday. */
	async machine(kind: EquipmentInput["kind"], { expired = false, ...more }: Partial<EquipmentInput> & { expired?: boolean } = {}): Promise<string> {
		const name = `${kind} ${++this.#machines}`;
		const { id } = await this.make("/equipment", { name, maker: "Proton", model: "T-4", serial: `M-${this.#machines}`, kind, ...more });
		const [at, validUntil] = [Date.now() - 40 * DAY, Date.now() + (expired ? -1 : 30) * DAY].map((ms) => new Date(ms).toISOString());
		for (const proof of ["test", "calibration"])
			await this.make(`/equipment/${id}/records`, { kind: proof, at, validUntil, passed: true, by: "Lab", reference: `R-${this.#machines}` });
		return id;
	}

	async medium(id: string): Promise<MediumView> {
		return await this.#patient(() => this.#running.get<MediumView>(`/api/v1/media/${id}`, "auditor"));
	}

	/** A step by somebody, as the medium is now. A request that gets no answer is made again until the server is back. */
	async step(id: string, told: Act, role: Role): Promise<Answer> {
		return await this.send(id, await this.told(id, told), role);
	}
	async told(id: string, { act, ...told }: Act): Promise<Record<string, unknown>> {
		const { serial, seal, steps } = await this.medium(id);
		return {
			act,
			id: randomUUID(),
			after: steps,
			at: new Date().toISOString(),
			place: "hall-a",
			...(act !== "remove" && seal !== null && { seal: { number: seal, intact: true } }),
			...(act === "remove" && { serial, serialAgain: serial, serialFrom: "drive-label" }),
			...(act === "verify" && { result: "pass", how: "instrument" }),
			...told,
		};
	}
	async send(id: string, told: Record<string, unknown>, role: Role): Promise<Answer> {
		const { status, body } = await this.#patient(() => this.#running.post<MediumView & { code?: string }>(`/api/v1/media/${id}/steps`, told, role));
		return { status, code: body.code ?? null, medium: status < 300 ? body : null };
	}
	/** As {@link step}; throws unless it is done. */
	async do(id: string, told: Act, role: Role): Promise<MediumView> {
		const { status, code, medium } = await this.step(id, told, role);
		if (!medium) throw new Error(`${told.act} of ${id} by ${role}: ${status} ${code}`);
		return medium;
	}

	async incidents(query = "open=true"): Promise<IncidentView[]> {
		return await this.#running.items<IncidentView>(`/api/v1/media/incidents?limit=500&${query}`, "auditor");
	}

	/** The custodian proposes how an incident ends, another person approves. */
	async end(incident: string, outcome: IncidentOutcome): Promise<void> {
		const proposal = { kind: "media-incident", incident, outcome, reason: "looked into by both" };
		const proposed = await this.#running.post<{ id: string }>("/api/v1/changes", proposal, "media-custodian");
		if (proposed.status >= 300) throw new Error(`proposal: ${proposed.status} ${JSON.stringify(proposed.body)}`);
		const approved = await this.#running.post(`/api/v1/changes/${proposed.body.id}/approve`, {}, "risk-manager");
		if (approved.status >= 300) throw new Error(`approval: ${approved.status} ${JSON.stringify(approved.body)}`);
	}

	async #patient<T>(ask: () => Promise<T>): Promise<T> {
		let answer: { value: T } | undefined;
		await waitFor(
			"an answer of the server",
			async () => {
				answer = await ask().then(
					(value) => ({ value }),
					(error: unknown) => {
						// No connection, or one that broke: what a phone calls no network.
						if (error instanceof TypeError) return undefined;
						throw error;
					},
				);
				return answer !== undefined;
			},
			60_000,
			100,
		);
		if (!answer) throw new Error("no answer");
		return answer.value;
	}
}

const DAY = 86_400_000;
