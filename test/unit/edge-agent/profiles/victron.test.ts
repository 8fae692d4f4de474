/** What Victron's channels are proposed as (EDG-8). */
import { expect, test } from "vitest";
import { victron } from "../../../../edge-agent/devices/profiles/victron.ts";
import { listener } from "../../../helpers/dialects.ts";

test("the level of a battery is its charge, that of a tank is none", () => {
	const kindAt = (topic: string) => listener(victron).hear(topic, '{"value":50}')?.[0]?.readings[0]?.kind;
	expect([kindAt("N/c0/battery/512/Soc"), kindAt("N/c0/tank/3/Level")]).toEqual(["charge", null]);
});
