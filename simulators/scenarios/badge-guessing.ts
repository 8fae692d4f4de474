import type { Value } from "../../contracts/kinds.ts";
import { doorWhere, type PlannedSaying, type Scenario } from "./scenario.ts";

/** Denials after which the reader locks itself. */
const ATTEMPTS = 6;

export const badgeGuessing: Scenario = {
	name: "badge-guessing",
	sentence: "Somebody tries made-up card numbers at a reader until it locks itself.",
	expects: {
		seen: "A row of denials of unknown cards at one door, then the reader locked out.",
		rules: ["reader-lockout"],
		reasons: ["denied-unknown-credential", "denied-lockout"],
	},
	duration: 60,
	plan(world, random) {
		const asksForCard = (device: string) => world.devices.get(device)?.kind === "card-reader";
		const door = doorWhere(world, "door with a card reader", (one) =>
			one.readers.some((reader) => reader.direction === "in" && asksForCard(reader.device)),
		);
		const reader = door.readers.find((one) => one.direction === "in" && asksForCard(one.device));
		const start = 1000 + Math.floor(random.between(0, 8000));
		const sayings = Array.from({ length: ATTEMPTS + 2 }, (_, index): PlannedSaying => {
			const reason = index < ATTEMPTS ? "denied-unknown-credential" : "denied-lockout";
			const card = { format: "H10301", facility: 87, number: start + index };
			const body = { door: door.id, direction: "in", method: "card", card, fingerprint: null, result: "denied", reason } as const;
			return { after: 1.5 * index, device: door.controller, topic: "access", body };
		});
		const values = new Map<string, Value>([[`${reader?.device}:lockout`, true]]);
		return { sayings, at: (seconds) => (seconds >= 1.5 * (ATTEMPTS - 1) ? { values } : {}) };
	},
};
