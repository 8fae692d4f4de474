import { badgeGuessing } from "./badge-guessing.ts";
import { brokerRestart } from "./broker-restart.ts";
import { clockSkew } from "./clock-skew.ts";
import { controllerLostItsList } from "./controller-lost-its-list.ts";
import { controllerOffline } from "./controller-offline.ts";
import { coolingFailure } from "./cooling-failure.ts";
import { duress } from "./duress.ts";
import { escortSeparated } from "./escort-separated.ts";
import { feedLoss } from "./feed-loss.ts";
import { flapping } from "./flapping.ts";
import { forcedDoor } from "./forced-door.ts";
import { heldDoor } from "./held-door.ts";
import { networkCut } from "./network-cut.ts";
import { normal } from "./normal.ts";
import { passback } from "./passback.ts";
import type { Scenario } from "./scenario.ts";
import { sensorDrift } from "./sensor-drift.ts";
import { smoke } from "./smoke.ts";
import { stolenBadge } from "./stolen-badge.ts";
import { tailgating } from "./tailgating.ts";

/** Every scenario, in the order of `--list`. */
export const SCENARIOS: readonly Scenario[] = [
	normal,
	coolingFailure,
	feedLoss,
	smoke,
	forcedDoor,
	heldDoor,
	tailgating,
	stolenBadge,
	badgeGuessing,
	duress,
	passback,
	escortSeparated,
	controllerLostItsList,
	controllerOffline,
	sensorDrift,
	flapping,
	networkCut,
	clockSkew,
	brokerRestart,
];

export function findScenario(name: string): Scenario | null {
	return SCENARIOS.find((scenario) => scenario.name === name) ?? null;
}
