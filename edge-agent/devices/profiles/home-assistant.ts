/**
 * Home Assistant's MQTT discovery: what other software says of its devices, not what they measure. Each topic with states is listed as a device
 * that is seen, its entities as channels without a value, in the words of the generic dialect.
 */
import type { PointKind } from "../../../contracts/kinds.ts";
import { infoOf, isObject, type JsonObject, objectOf, own, said, wordOf } from "./payload.ts";
import type { AnnouncedChannel, Decoded, Profile } from "./profile.ts";

/** Abbreviations of the discovery payload (Home Assistant, "MQTT", "Supported abbreviations"), those that are read here. */
const LONG: Readonly<Record<string, string>> = {
	avty: "availability",
	avty_mode: "availability_mode",
	avty_t: "availability_topic",
	cmps: "components",
	dev: "device",
	dev_cla: "device_class",
	ent_cat: "entity_category",
	o: "origin",
	p: "platform",
	pl_off: "payload_off",
	pl_on: "payload_on",
	stat_off: "state_off",
	stat_on: "state_on",
	stat_t: "state_topic",
	t: "topic",
	uniq_id: "unique_id",
	unit_of_meas: "unit_of_measurement",
	val_tpl: "value_template",
	// Of a device.
	cns: "connections",
	ids: "identifiers",
	mdl: "model",
	mdl_id: "model_id",
	mf: "manufacturer",
	sw: "sw_version",
};
const SENSOR_KINDS: Readonly<Record<string, PointKind>> = {
	temperature: "temperature",
	humidity: "humidity",
	atmospheric_pressure: "pressure",
	pressure: "pressure",
	voltage: "voltage",
	current: "current",
	power: "power",
	apparent_power: "apparent-power",
	power_factor: "power-factor",
	energy: "energy",
	frequency: "frequency",
	battery: "charge",
	carbon_dioxide: "co2",
};
/** A binary battery says that it is low, and a binary power that there is some: neither is a quantity. */
const BINARY_KINDS: Readonly<Record<string, PointKind>> = {
	door: "contact",
	window: "contact",
	opening: "contact",
	garage_door: "contact",
	moisture: "leak",
	smoke: "smoke",
	tamper: "tamper",
};
/** Those that tell of an event on their `topic`, such as a card; everything else has a topic for its states. */
const EVENTFUL: ReadonlySet<string> = new Set(["tag", "device_automation"]);
/** `{{ value_json.a["b c"] | float | round(1) }}` or `{{ value }}`: filters that leave the value as it is, and no logic. */
const TEMPLATE =
	/^\s*\{\{-?\s*value(?:_json((?:\.\w+|\[(?:"[^"\]]+"|'[^'\]]+'|\d+)\])+))?\s*(?:\|\s*(?:float|int|round|string|trim|default|is_defined)\s*(?:\([^(){}|]*\)\s*)?)*-?\}\}\s*$/;
/** Components that say yes or no, in words that they name; these where they name none. */
const [ON, OFF] = ["ON", "OFF"];
const BINARY: ReadonlySet<string> = new Set(["binary_sensor", "switch", "light"]);
const STEP = /\.(\w+)|\[(?:"([^"\]]+)"|'([^'\]]+)'|(\d+))\]/g;

export const homeAssistant: Profile = {
	id: "home-assistant",
	title: "Home Assistant discovery",
	base: "homeassistant",
	adoptedAs: "generic",
	topics: (base) => [`${base}/+/+/config`, `${base}/+/+/+/config`],
	// Any software may announce any device.
	owner: () => null,
	decoder:
		({ base }) =>
		(message) => {
			if (message.payload.length === 0) return [];
			const [component = "", ...ids] = message.topic.slice(base.length + 1, -"/config".length).split("/");
			const read = objectOf(message, ids.join("/"));
			return "refusal" in read ? read.refusal : announced(read.body, component, ids.at(-1) ?? "");
		},
	page: {
		about:
			"Not for a device of the site file: a way to find them. What is announced with retained messages is listed as *seen, not configured*, a device for each topic with states, in the words of the generic dialect. It is added as such (`profile: generic`), with the unit that is announced and what its words mean. Where `dialect` names one, take the device in that one: then the channels have that dialect's names.",
		address: "The topic with the states.",
		channels: [
			["`$.temperature`", "the entity's value in the topic's message, as a JSONPath, with kind and unit; `$`: the whole message"],
			["information about each channel", "component, class, what its words mean (`on=false`: inverted), whether it is diagnostic"],
			[
				"information about the device",
				"name, vendor, model, version, `device` (its id), `availability` (its topics, and `all` where all of them count), `dialect`",
			],
		],
		ignores: [
			"values: there are none in an announcement",
			"an empty message, which takes an announcement back: what is listed is forgotten when nothing is heard of it",
			"templates with logic, also filters that compute: such an entity has no channel",
			"entities that only take commands",
		],
		example: `agents:
  - { id: agent-1, name: Edge agent 1, dialects: [{ profile: home-assistant }] }
# and what came of homeassistant/sensor/…/config
- id: weather
  kind: temperature-sensor
  profile: generic
  address: plant/weather
  points:
    - { id: temperature, kind: temperature, source: $.temperature, sourceUnit: °F, interval: 5min }`,
	},
};

/** One entity, or all of a device in one message. */
function announced(raw: JsonObject, component: string, id: string): Decoded[] {
	const body = written(raw);
	const device = isObject(body.device) ? written(body.device) : {};
	if (component !== "device") return entity(body, device, component, id);
	return Object.entries(isObject(body.components) ? body.components : {}).flatMap(([key, part]) => {
		if (!isObject(part)) return [];
		const one = { ...body, ...written(part) };
		return entity(one, device, wordOf(one.platform, 32) ?? "", key);
	});
}

/** With long keys, and `~` in topics as what it stands for. */
function written(raw: JsonObject): JsonObject {
	const root = raw["~"];
	const body: Record<string, unknown> = {};
	for (const key of Object.keys(raw)) {
		// No key of theirs, and one that would stand for all keys that aren't there.
		if (key === "__proto__") continue;
		const value = raw[key];
		const long = own(LONG, key) ?? key;
		const rooted = typeof root === "string" && typeof value === "string" && long.endsWith("topic");
		body[long] = rooted ? value.replace(/^~|~$/, () => root) : value;
	}
	return body;
}

function entity(body: JsonObject, device: JsonObject, component: string, id: string): Decoded[] {
	const topic = wordOf(body.state_topic ?? (EVENTFUL.has(component) ? body.topic : undefined));
	if (topic === null || /[+#]/.test(topic)) return [];
	const path = pathOf(body.value_template);
	const className = wordOf(body.device_class, 32);
	const unit = wordOf(body.unit_of_measurement, 16);
	const words = BINARY.has(component) ? wordsOf(body) : undefined;
	const channels: AnnouncedChannel[] = path === null ? [] : [{ channel: path, kind: kindOf(component, className), unit, ...(words && { words }) }];
	const summary = [
		component,
		className,
		body.payload_on === undefined ? null : `on=${shown(body.payload_on)} off=${shown(body.payload_off)}`,
		wordOf(body.entity_category, 32),
		wordOf(body.unique_id),
	];
	const word = path === null || path === "$" ? id : path.replace(/^\$\.?/, "");
	const info = { ...describedBy(device, body, topic), [word.slice(0, 32)]: summary.filter((part) => part !== null && part !== "").join(", ") };
	return [said(topic, { channels, info })];
}

/** A payload that stands for on or off: a text, or JSON. */
const shown = (value: unknown) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "?")).slice(0, 32);

/** What its words mean; `undefined`: it names none that can be told apart. */
function wordsOf(body: JsonObject): Record<string, boolean> | undefined {
	const [on, off] = [body.state_on ?? body.payload_on ?? ON, body.state_off ?? body.payload_off ?? OFF].map((word) =>
		plain(typeof word === "boolean" ? String(word) : (wordOf(word, 64) ?? "")),
	);
	return on && off && on !== off ? { [on]: true, [off]: false } : undefined;
}

/** Templates write JSON's true as True. */
const plain = (word: string) => (/^(?:true|false)$/i.test(word) ? word.toLowerCase() : word.trim());

/** A template as JSONPath; `null`: it computes, which nothing here does. */
function pathOf(template: unknown): string | null {
	if (template === undefined || template === null) return "$";
	const found = typeof template === "string" && template.length <= 500 ? TEMPLATE.exec(template) : null;
	if (found === null) return null;
	const path = [...(found[1] ?? "").matchAll(STEP)].map(([, dotted, double, single, index]) => {
		const name = dotted ?? double ?? single;
		return name === undefined ? `[${index}]` : /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
	});
	return `$${path.join("")}`;
}

function kindOf(component: string, className: string | null): PointKind | null {
	if (component === "switch" || component === "light") return "switch-state";
	const kinds = component === "binary_sensor" ? BINARY_KINDS : component === "sensor" ? SENSOR_KINDS : {};
	return (className !== null && own(kinds, className)) || null;
}

function describedBy(device: JsonObject, body: JsonObject, topic: string): Record<string, string> {
	return infoOf({
		name: device.name,
		vendor: device.manufacturer,
		model: device.model_id ?? device.model,
		version: device.sw_version,
		device: Array.isArray(device.identifiers) ? device.identifiers[0] : device.identifiers,
		via: device.via_device,
		availability: availabilityOf(body),
		dialect: dialectOf(body, topic),
	});
}

function availabilityOf(body: JsonObject): string | null {
	const list = Array.isArray(body.availability) ? body.availability : isObject(body.availability) ? [body.availability] : [];
	const topics = [
		body.availability_topic,
		...list.map((one: unknown) => (isObject(one) ? written({ ...(body["~"] !== undefined && { "~": body["~"] }), ...one }).topic : null)),
	].flatMap((topic) => wordOf(topic) ?? []);
	if (topics.length === 0) return null;
	return `${topics.length > 1 && body.availability_mode === "all" ? "all of " : ""}${topics.join(", ")}`.slice(0, 200);
}

/** The dialect in which the device speaks itself, where it shows. */
function dialectOf({ origin, unique_id: id }: JsonObject, topic: string): string | null {
	const name = isObject(origin) ? (wordOf(origin.name) ?? "") : "";
	if (/zigbee2mqtt/i.test(name) || (typeof id === "string" && id.endsWith("_zigbee2mqtt"))) return "zigbee2mqtt";
	if (/tasmota/i.test(name) || /(?:^|\/)tele\//.test(topic)) return "tasmota";
	return /(?:^|\/)events\/rpc$|^shellies\//.test(topic) ? "shelly" : null;
}
