import { chirpstack } from "./chirpstack.ts";
import { espRfid } from "./esp-rfid.ts";
import { generic } from "./generic.ts";
import { homeAssistant } from "./home-assistant.ts";
import { native } from "./native.ts";
import { nut } from "./nut.ts";
import type { Profile } from "./profile.ts";
import { ruuvi } from "./ruuvi.ts";
import { shelly } from "./shelly.ts";
import { sparkplug } from "./sparkplug.ts";
import { tasmota } from "./tasmota.ts";
import { telegraf } from "./telegraf.ts";
import { thingsStack } from "./things-stack.ts";
import { uhppoted } from "./uhppoted.ts";
import { victron } from "./victron.ts";
import { zigbee2mqtt } from "./zigbee2mqtt.ts";

/**
 * Every dialect that an agent understands. A topic belongs to the first one with a filter that matches and a decoder that knows it: those with
 * topics of their own come before those with wildcards in front.
 */
export const PROFILES: readonly Profile[] = [
	native,
	generic,
	sparkplug,
	chirpstack,
	thingsStack,
	ruuvi,
	victron,
	uhppoted,
	espRfid,
	telegraf,
	zigbee2mqtt,
	tasmota,
	nut,
	homeAssistant,
	shelly,
];
