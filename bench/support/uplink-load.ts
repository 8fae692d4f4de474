import { type Reading, toColumns } from "../../contracts/reading.ts";

/** What the server benchmark sends: batches as an agent's outbox makes them. */
export interface UplinkLoad {
	/** The site file (as an object) that knows the points; one agent, `agent-1`. */
	site: object;
	/** Payload of the envelope with the batches from number `first` on. */
	envelope(first: number, now: number): string;
	readingsPerEnvelope: number;
	batchesPerEnvelope: number;
}

const POINTS_PER_DEVICE = 10;
const VARIANTS = 64;

/** Temperatures that wander around 22 degrees below the rule's limit, each point in turn. */
export function uplinkLoad(options: { points: number; readingsPerBatch: number; batchesPerEnvelope: number }): UplinkLoad {
	const { points, readingsPerBatch, batchesPerEnvelope } = options;
	const names = Array.from({ length: points }, (_, index) => `dev-${Math.floor(index / POINTS_PER_DEVICE)}:t${index % POINTS_PER_DEVICE}`);
	// The text between the parts that change (number, base) is made once: the generator must not cost what the server costs.
	const variants = Array.from({ length: VARIANTS }, (_, variant) => {
		const readings = Array.from({ length: readingsPerBatch }, (_row, row): Reading => {
			const index = (variant * readingsPerBatch + row) % points;
			const value = Math.round((22 + Math.sin(variant + index) + ((row * 7919) % 100) / 100) * 100) / 100;
			return { point: names[index] ?? "", ts: row, receivedAt: row + 1, value, quality: "good" };
		});
		const [head = "", tail = ""] = JSON.stringify(toColumns(readings)).split('"base":0');
		return { head, tail };
	});
	return {
		site: benchSite(points),
		readingsPerEnvelope: readingsPerBatch * batchesPerEnvelope,
		batchesPerEnvelope,
		envelope(first, now) {
			const batches: string[] = [];
			for (let seq = first; seq < first + batchesPerEnvelope; seq++) {
				const { head, tail } = variants[seq % VARIANTS] ?? { head: "", tail: "" };
				// Times of their own for every batch, so that no reading is a repetition of another.
				batches.push(`{"seq":${seq},"readings":${head}"base":${now + seq * readingsPerBatch}${tail},"events":[]}`);
			}
			return `{"outbox":"bench-${process.pid}","late":false,"batches":[${batches.join(",")}]}`;
		},
	};
}

function benchSite(points: number): object {
	const devices = Array.from({ length: Math.ceil(points / POINTS_PER_DEVICE) }, (_, index) => ({ id: `dev-${index}`, model: "probe" }));
	return {
		id: "bench",
		name: "Benchmark",
		timeZone: "UTC",
		agents: [{ id: "agent-1", name: "Agent" }],
		models: [
			{
				id: "probe",
				kind: "temperature-sensor",
				points: Array.from({ length: POINTS_PER_DEVICE }, (_, index) => ({ id: `t${index}`, kind: "temperature" })),
			},
		],
		rooms: [{ id: "hall", name: "Hall", kind: "data-hall", plan: { x: 0, y: 0, width: 10, depth: 10 }, devices }],
		rules: [
			{ id: "hot", name: "Hot", kind: "limit", level: "high", limit: 30, deadband: 1, on: { pointKind: "temperature" }, priority: "high" },
			{ id: "silent", name: "Silent", kind: "no-data", on: { pointKind: "temperature" }, priority: "low", after: "1h" },
		],
	};
}
