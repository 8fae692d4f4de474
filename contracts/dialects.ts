/** Dialects that a device of the site file may speak: those of the agent's registry (edge-agent/devices/profiles/registry.ts). */
export const DEVICE_DIALECTS: readonly string[] = [
	"native",
	"generic",
	"sparkplug",
	"chirpstack",
	"things-stack",
	"ruuvi",
	"victron",
	"uhppoted",
	"esp-rfid",
	"telegraf",
	"zigbee2mqtt",
	"tasmota",
	"nut",
	"shelly",
];
/** Dialects that an agent may be told to listen for: also those that only tell of devices, which are then put in as of another. */
export const DIALECTS: readonly string[] = [...DEVICE_DIALECTS, "home-assistant"];
