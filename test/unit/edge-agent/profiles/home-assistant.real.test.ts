/** Home Assistant's discovery as real software writes it (EDG-8). */
import { expect, test } from "vitest";
import { homeAssistant } from "../../../../edge-agent/devices/profiles/home-assistant.ts";
import { listener } from "../../../helpers/dialects.ts";
import { bytesOf, REAL_SAMPLES_EXIST, type RealSample, realSamples, report } from "../../../helpers/real-samples.ts";

interface Discovery {
	component?: string;
	device_class?: string | null;
	unit?: string | null;
	state_topic?: string;
	topic?: string;
	value_path?: string | null;
	unique_id?: string;
	device_id?: string;
	availability?: readonly string[];
	diagnostic?: boolean;
	payload_on?: string | boolean;
}

function problemsOf(sample: RealSample): string[] {
	const topic = sample.topic ?? "";
	const base = topic.split("/", 1)[0] ?? "";
	const parts = listener(homeAssistant, { base }).hear(topic, bytesOf(sample)) ?? [];
	const { discovery: wanted } = sample.expect as { discovery?: Discovery };
	const readings = parts.some((part) => part.readings.length > 0) ? ["a reading made up"] : [];
	if (!wanted) return readings;
	const part = parts.find(({ device }) => device === (wanted.state_topic ?? wanted.topic));
	if (!part) return wanted.state_topic === undefined && wanted.topic === undefined ? readings : [...readings, "no device"];
	const { info = {}, channels = [] } = part;
	const summary = Object.values(info).join("; ");
	const says = (word: string | null | undefined, name: string) => (word == null || summary.includes(word) ? [] : [`no ${name} ${word}`]);
	return [
		...readings,
		...(wanted.value_path != null && !channels.some(({ channel }) => channel === `$.${wanted.value_path}`)
			? [`no channel ${wanted.value_path}`]
			: []),
		...(wanted.unit != null && !channels.some(({ unit }) => unit === wanted.unit) ? [`no unit ${wanted.unit}`] : []),
		...says(wanted.component, "component"),
		...says(wanted.device_class, "class"),
		...says(wanted.unique_id, "id"),
		...(wanted.payload_on !== undefined ? says(`on=${String(wanted.payload_on)}`, "word for on") : []),
		...(wanted.diagnostic === true ? says("diagnostic", "category") : []),
		...(wanted.device_id !== undefined && info.device !== wanted.device_id ? ["another device"] : []),
		...(wanted.availability ?? []).flatMap((one) => says(one, "availability")),
	];
}

test.skipIf(!REAL_SAMPLES_EXIST)("every real message comes out as its record says", () => {
	const samples = realSamples("homeassistant_discovery");
	const problems = new Map(samples.map((sample) => [sample.id, problemsOf(sample)]));
	report("Home Assistant discovery", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
