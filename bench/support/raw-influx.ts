import { Agent, request } from "node:http";

const SERIES = 1_000;
const BATCH = 5_000;
const WRITERS = 2;

/** What InfluxDB takes at most, beside which everything that writes to it has to stand: line protocol, batches of 5,000, 1,000 series, two writers. */
export async function rawInfluxRate(url: string, points = 1_000_000): Promise<{ points: number; pointsPerSecond: number }> {
	const { origin, pathname } = new URL(url);
	const database = pathname.slice(1);
	await fetch(`${origin}/query`, { method: "POST", body: new URLSearchParams({ q: `CREATE DATABASE "${database}"` }) });
	// Made beforehand: the rate of the store is asked for, not that of making text.
	const first = Date.now() - points / SERIES;
	const batches = Array.from({ length: points / BATCH }, (_, batch) =>
		Buffer.from(
			Array.from({ length: BATCH }, (_row, row) => {
				const index = batch * BATCH + row;
				const value = (20 + (index % 977) / 100).toFixed(3);
				return `reading,point=load-${String((index % SERIES) / 100).slice(0, 4)}:p${index % SERIES} value=${value} ${first + Math.floor(index / SERIES)}\n`;
			}).join(""),
		),
	);
	const agent = new Agent({ keepAlive: true, maxSockets: WRITERS });
	const begun = performance.now();
	const write = async () => {
		for (let batch = batches.pop(); batch; batch = batches.pop()) await post(`${origin}/write?db=${database}&precision=ms`, batch, agent);
	};
	await Promise.all(Array.from({ length: WRITERS }, write));
	const seconds = (performance.now() - begun) / 1000;
	agent.destroy();
	return { points, pointsPerSecond: Math.round(points / seconds) };
}

function post(url: string, body: Buffer, agent: Agent): Promise<void> {
	return new Promise((resolve, reject) => {
		const sent = request(url, { method: "POST", agent, headers: { "content-length": body.length } }, (response) => {
			response.resume();
			response.on("end", () => (response.statusCode === 204 ? resolve() : reject(new Error(`InfluxDB answered ${response.statusCode}`))));
		});
		sent.on("error", reject);
		sent.end(body);
	});
}
