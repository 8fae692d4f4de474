import { useTranslation } from "react-i18next";
import { DESTINATION_KINDS, METHODS, SERIAL_PLACES } from "../../../../contracts/media.ts";
import { DEVIATIONS, RECORD_KINDS } from "../../../../contracts/media-orders.ts";
import type { ChainStepView } from "../../api/custody.ts";
import { useSite } from "../../ui/site-context.ts";
import { dayOf } from "../../ui/site-time.ts";
import { useMediaWords } from "./words.ts";

type Told = ChainStepView["detail"];
const ACTS = ["remove", "seal", "offer", "accept", "decline", "withdraw", "store", "take", ...METHODS, "verify", "release", "report"] as const;
const RESULTS = ["pass", "fail", "unknown"] as const;
const HOWS = ["instrument", "full-read", "sampling", "visual"] as const;
const WHO = ["giver", "taker", "actor"] as const;

/** Writes what a step of a chain has told. `nameOf`: name of an account. What is newer than this page stays as the server says it. */
export function useStepWords(nameOf: (account: string) => string) {
	const { t } = useTranslation();
	const { timeZone } = useSite();
	const { room } = useMediaWords();
	const known = <K extends string>(list: readonly K[], said: string, text: (key: K) => string): string => {
		const key = list.find((one) => one === said);
		return key === undefined ? said : text(key);
	};
	return {
		room,
		act: (act: string) => {
			const one = ACTS.find((name) => name === act);
			return one === undefined ? t("custody.actUnknown", { act }) : t(`custody.acts.${one}`);
		},
		unseen: (who: readonly string[]) =>
			t("custody.unseen", { who: who.map((one) => known(WHO, one, (key) => t(`custody.unseenWho.${key}`))).join(t("people.comma")) }),
		deviations: (kinds: readonly string[]) =>
			kinds.map((one) => known(DEVIATIONS, one, (key) => t(`custody.deviationKinds.${key}`))).join(t("custody.semicolon")),
		told: (told: Told): string[] => [
			...(told.to === undefined ? [] : [t("custody.told.to", { name: nameOf(told.to) })]),
			...(told.store === undefined ? [] : [t("custody.told.store", { store: told.store })]),
			...(told.serial === undefined || told.serialFrom === undefined
				? []
				: [
						t("custody.told.serial", { serial: told.serial, from: known(SERIAL_PLACES, told.serialFrom, (key) => t(`custody.serialPlaces.${key}`)) }),
					]),
			...(told.seal ? [t(told.seal.intact ? "custody.told.sealSeen" : "custody.told.sealBroken", { number: told.seal.number })] : []),
			...(told.newSeal ? [t("custody.told.newSeal", { number: told.newSeal })] : []),
			...(told.technique ? [t("custody.told.technique", { technique: told.technique })] : []),
			...(told.result === undefined ? [] : [t("custody.told.result", { result: known(RESULTS, told.result, (key) => t(`custody.results.${key}`)) })]),
			...(told.how === undefined ? [] : [t("custody.told.how", { how: known(HOWS, told.how, (key) => t(`custody.hows.${key}`)) })]),
			...(told.destination
				? [
						t("custody.told.destination", {
							kind: known(DESTINATION_KINDS, told.destination.kind, (key) => t(`custody.destinations.${key}`)),
							organisation: told.destination.organisation,
						}),
					]
				: []),
		],
		machine: ({ machine }: Told): string[] =>
			machine
				? [
						t("custody.machineOf", machine),
						...machine.records.map(({ kind, at, validUntil }) =>
							t("custody.recordOf", {
								kind: known(RECORD_KINDS, kind, (key) => t(`custody.recordKinds.${key}`)),
								at: dayOf(at, timeZone),
								until: dayOf(validUntil, timeZone),
							}),
						),
					]
				: [],
	};
}
