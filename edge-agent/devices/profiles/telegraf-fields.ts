/** What fields of Telegraf's metrics measure, by their names: those of the plugins for UPSs, PDUs and servers, and what people call SNMP fields. */
import type { PointKind } from "../../../contracts/kinds.ts";
import { remembered } from "./payload.ts";

export interface FieldMeaning {
	kind: PointKind | null;
	unit?: string;
}
const NOTHING: FieldMeaning = { kind: null };

/** Of a limit or a rating, not of what is. */
const LIMIT =
	/nominal|threshold|transfer|rated|rating|capacity_(?:watts|bytes|va)|(?:^|_)(?:max|min|maximum|minimum|low|high|warning|critical|restart|average)(?:_|$)/;
/**
 * Objects of UPS-MIB (RFC 1628) and PowerNet-MIB in tenths or hundredths. Whether Telegraf has divided them doesn't show in a value, so that
 * nothing is proposed for them.
 */
const SCALED = /^(?:ups_(?:battery_(?:voltage|current)|(?:input|output|bypass)_(?:current|frequency))|ups_high_prec_.*|r_?pdu.*)$/;

/** The first that matches a name in snake_case. */
const NAMES: readonly (readonly [name: RegExp, kind: PointKind | null, unit: string])[] = [
	[/(?:runtime|run_time|time_left)_ns$/, "runtime", "ns"],
	[/(?:runtime|run_time|time_left)_ms$/, "runtime", "ms"],
	[/(?:(?:runtime|run_time|time_left)(?:_seconds|_secs?|_s)|^battery_runtime|seconds_remaining)$/, "runtime", "s"],
	[/(?:(?:runtime|run_time|time_left)(?:_minutes|_mins?)|minutes_remaining)$/, "runtime", "min"],
	[/(?:battery_charge|battery_level|charge_remaining)(?:_percent|_pct)?$|(?:battery_|batt_)capacity(?:_percent)?$/, "charge", "%"],
	[/(?:percent_load|load_percent(?:age)?|load_pct|ups_load|output_load)$/, "load", "%"],
	[/(?:temp|temperature)_f$|fahrenheit$/, "temperature", "F"],
	[/(?:temp|temperature|temp_input)(?:_c)?$|celsius$/, "temperature", "C"],
	[/humidity(?:_percent|_rh)?$/, "humidity", "%"],
	[/(?:power_factor|(?:^|_)pf)$/, "power-factor", "1"],
	[/(?:apparent_power|(?:^|_)va)$/, "apparent-power", "VA"],
	[/(?:energy|consumption)_kwh$|(?:^|_)kwh$/, "energy", "kWh"],
	[/(?:^|_)wh$/, "energy", "Wh"],
	[/(?:voltage|(?:^|_)volts?)_mv$|(?:^|_)mv$/, "voltage", "mV"],
	[/(?:voltage|(?:^|_)volts?)(?:_v)?$/, "voltage", "V"],
	[/(?:^|_)(?:current|amps)_ma$/, "current", "mA"],
	[/(?:^|_)(?:current|amps?|amperes?)(?:_a)?$/, "current", "A"],
	[/frequency(?:_hz)?$|(?:^|_)hz$/, "frequency", "Hz"],
	[/(?:^|_)(?:kw|kilowatts)$/, "power", "kW"],
	[/(?:^|_)(?:watts|(?:active|real|true)_?power)(?:_w)?$|(?:^|_)power_w$/, "power", "W"],
	[/reading_percent$/, "fan-speed", "%"],
	[/(?:^|_)rpm$/, null, "rpm"],
];
/** Of the tag `unit` of ipmi_sensor. */
const UNITS: Readonly<Record<string, FieldMeaning>> = {
	watts: { kind: "power", unit: "W" },
	volts: { kind: "voltage", unit: "V" },
	amps: { kind: "current", unit: "A" },
	degrees_c: { kind: "temperature", unit: "C" },
	degrees_f: { kind: "temperature", unit: "F" },
	percent: { kind: null, unit: "%" },
	rpm: { kind: null, unit: "rpm" },
};

/** `battery.charge`, `batteryCharge` and `battery_charge` are one name. */
export const meaningOf = remembered((field): FieldMeaning => {
	const name = field
		.slice(0, 200)
		.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "_");
	if (LIMIT.test(name) || SCALED.test(name)) return NOTHING;
	const found = NAMES.find(([pattern]) => pattern.test(name));
	return found ? { kind: found[1], unit: found[2] } : NOTHING;
});

/** Of a value whose unit is a tag; `undefined`: a unit that nobody knows. */
export function meaningOfUnit(unit: string): FieldMeaning | undefined {
	return Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
}
