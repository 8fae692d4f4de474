/**
 * Victron GX devices (Venus OS, dbus-flashmq): one value a topic, `N/{portal}/{service}/{instance}/{path}`. They speak only as long as
 * somebody asks them to.
 */
import type { PointKind } from "../../../contracts/kinds.ts";
import { A_NUMBER, addUnread, isObject, jsonOf, readingOf, said, statusOf, wordOf } from "./payload.ts";
import { type Decode, type Decoded, type DecoderContext, type Profile, refused, type Unread } from "./profile.ts";

/** A GX device falls silent a minute after it was last asked, ms. */
const ASK_EVERY = 30_000;
const PORTALS = 200;

/** By the end of the path, first match (github.com/victronenergy/venus/wiki/dbus). */
const MEANINGS: readonly (readonly [RegExp, PointKind | null, string])[] = [
	[/(?:^|\/)Ac\/(?:.+\/)?Energy\/(?:Forward|Reverse)$/, "energy", "kWh"],
	[/(?:^|\/)Yield\/(?:System|User)$/, "energy", "kWh"],
	[/(?:^|\/)(?:PowerFactor)(?:Avg)?$/, "power-factor", "1"],
	[/(?:^|\/)(?:Power|P)$/, "power", "W"],
	[/(?:^|\/)(?:S)$/, "apparent-power", "VA"],
	[/(?:^|\/)(?:Voltage|V)$/, "voltage", "V"],
	[/(?:^|\/)(?:Current|I)$/, "current", "A"],
	[/(?:^|\/)(?:Frequency|F)$/, "frequency", "Hz"],
	[/(?:^|\/)(?:Air)?Temperature$/, "temperature", "C"],
	[/(?:^|\/)Humidity$/, "humidity", "%"],
	[/(?:^|\/)Pressure$/, "pressure", "hPa"],
	[/(?:^|\/)CO2$/, "co2", "ppm"],
	[/(?:^|\/)(?:Soc|Soh|Level)$/, "charge", "%"],
	[/(?:^|\/)TimeToGo$/, "runtime", "s"],
	[/(?:^|\/)ConsumedAmphours$/, null, "Ah"],
	[/(?:^|\/)Speed$/, null, "RPM"],
];
/** Services that hold a GX device's own settings and bookkeeping. */
const OWN_AFFAIRS = new Set(["settings", "platform", "logger", "hub4", "vecan", "adc", "fronius", "modbustcp", "gps"]);

export const victron: Profile = {
	id: "victron",
	title: "Victron GX (Venus OS)",
	base: null,
	topics: () => ["N/+/+/+/#"],
	// A GX device speaks for all that is connected to it.
	owner: (topic) => (topic.startsWith("N/") ? null : undefined),
	decoder,
	page: {
		about:
			"*Settings*, *Services*, *MQTT access*, bridged to the agent's broker. While anything of a GX device is heard or one of its devices is in the site file, the agent asks it to go on, every 30 s (`R/{portal}/keepalive`), upon which it repeats all its values.",
		address: "Portal id, service and instance: `c0619ab1234f/solarcharger/279`.",
		channels: [
			["`Ac/Power`, `Ac/L1/Power`, `Dc/0/Power`", "W"],
			["`Dc/0/Voltage`, `Dc/0/Current`, `Ac/L1/Voltage`", "V, A"],
			["`Soc`, `TimeToGo`", "%, s"],
			["`Ac/Energy/Forward`", "kWh"],
			["`Temperature`, `Humidity`, `Pressure`", "°C, %RH, hPa"],
			["any other path with a number, e.g. `State`", "as it comes"],
		],
		ignores: ["`null`, which is Victron's word for not known", "an empty payload: the device has gone, and is offline", "settings, texts and lists"],
		example: `- id: hall-a-battery
  kind: battery-monitor
  profile: victron
  address: c0619ab1234f/battery/512
  points:
    - { id: charge, kind: charge, source: Soc, interval: 120s }`,
	},
};

function decoder(context: DecoderContext): Decode {
	/** When each portal was last asked to go on. */
	const asked = new Map<string, number>();
	const keepAlive = (portal: string, now: number): void => {
		const last = asked.get(portal);
		if (last !== undefined && now >= last && now - last < ASK_EVERY) return;
		if (last === undefined && asked.size >= PORTALS) return;
		asked.set(portal, now);
		context.send(`R/${portal}/keepalive`, "");
	};
	let lookedAt = Number.NEGATIVE_INFINITY;
	return (message) => {
		const { topic, receivedAt } = message;
		const [, portal = "", service = "", instance = "", ...rest] = topic.split("/");
		if (portal === "" || service === "" || instance === "" || rest.length === 0) return [];
		const device = `${portal}/${service}/${instance}`;
		const path = rest.join("/");
		const parts = OWN_AFFAIRS.has(service) ? [] : valueAt(message, device, path, service);
		keepAlive(portal, receivedAt);
		if (Math.abs(receivedAt - lookedAt) >= ASK_EVERY) {
			lookedAt = receivedAt;
			for (const address of context.addresses()) keepAlive(address.slice(0, address.indexOf("/")), receivedAt);
		}
		return parts;
	};
}

function valueAt(message: Parameters<Decode>[0], device: string, path: string, service: string): readonly Decoded[] {
	// Every topic of a device that leaves the D-Bus is emptied.
	if (message.payload.length === 0) return [statusOf(device, false)];
	const read = jsonOf(message);
	if ("reason" in read) return refused(device, read.reason, read.detail);
	const { json } = read;
	if (!isObject(json) || !("value" in json)) return refused(device, "wrong-shape", "expected an object with a value");
	const { value } = json;
	if (path === "ProductName" || path === "CustomName") {
		const word = wordOf(value);
		return [said(device, word === null ? {} : { info: { [path === "ProductName" ? "model" : "name"]: word } })];
	}
	if (typeof value !== "number" || !Number.isFinite(value)) {
		const unread: Unread[] = [];
		// Objects and lists are no measurements, and an empty list is no value.
		if (typeof value !== "object") addUnread(unread, path, value, A_NUMBER);
		return [said(device, unread.length > 0 ? { unread } : {})];
	}
	const meaning = MEANINGS.find(([end]) => end.test(path));
	// A tank isn't charged.
	const kind = service === "tank" ? null : meaning?.[1];
	return [said(device, { readings: [meaning ? readingOf(path, value, kind, meaning[2]) : readingOf(path, value)] })];
}
