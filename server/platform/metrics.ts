import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** One number, or one for each set of labels. */
export type Figures<Label extends string> = number | readonly { labels: Record<Label, string>; value: number }[];

function each<Label extends string>(figures: Figures<Label>): readonly { labels: Partial<Record<Label, string>>; value: number }[] {
	return typeof figures === "number" ? [{ labels: {}, value: figures }] : figures;
}

/**
 * The process's Prometheus metrics: one registry, made in main and given to whoever counts. Names are `watchroom_...` with
 * their base unit at the end (`_seconds`, `_bytes`, `_total`).
 */
export class Metrics {
	readonly registry: Registry;

	/** `defaults`: also Node's own figures (memory, event-loop lag, garbage collection). */
	constructor(options: { defaults: boolean } = { defaults: true }) {
		this.registry = new Registry();
		if (options.defaults) collectDefaultMetrics({ register: this.registry });
	}

	/** A count that only grows; `increment({ reason: "too-large" })`. */
	counter<Label extends string = never>(
		name: string,
		help: string,
		labels: readonly Label[] = [],
	): (by?: number, values?: Record<Label, string>) => void {
		const counter = new Counter({ name, help, labelNames: labels, registers: [this.registry] });
		return (by = 1, values) => (values ? counter.inc(values, by) : counter.inc(by));
	}

	/** A figure that goes up and down, read from its owner at each scrape: one number, or one for each set of labels. */
	gauge<Label extends string = never>(name: string, help: string, read: () => Figures<Label>, labels: readonly Label[] = []): void {
		new Gauge({
			name,
			help,
			labelNames: labels,
			registers: [this.registry],
			collect() {
				this.reset();
				for (const { labels: values, value } of each(read())) this.set(values, value);
			},
		});
	}

	/** A count that only grows, kept by its owner and read at each scrape; the name ends in `_total`. */
	total<Label extends string = never>(name: string, help: string, read: () => Figures<Label>, labels: readonly Label[] = []): void {
		new Counter({
			name,
			help,
			labelNames: labels,
			registers: [this.registry],
			collect() {
				this.reset();
				for (const { labels: values, value } of each(read())) this.inc(values, value);
			},
		});
	}

	/** A distribution; `buckets` are upper bounds in the name's unit. */
	histogram(name: string, help: string, buckets: readonly number[]): (value: number) => void {
		const histogram = new Histogram({ name, help, buckets: [...buckets], registers: [this.registry] });
		return (value) => histogram.observe(value);
	}

	/** Everything in Prometheus' text form, of the media type {@link contentType}. */
	text(): Promise<string> {
		return this.registry.metrics();
	}

	get contentType(): string {
		return this.registry.contentType;
	}
}
