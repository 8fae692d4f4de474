import { useTranslation } from "react-i18next";
import { DUTY_PLACES } from "../../../../contracts/duty-plan.ts";
import { POINT_KINDS } from "../../../../contracts/kinds.ts";
import { writtenDuration } from "../../../../contracts/rule-text.ts";
import { durationSchema, MEASURES, type Rule, type Selector } from "../../../../contracts/rules.ts";
import { unitText, useValueText } from "../../ui/PointValue.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";

const UNITS = { ms: "millisecond", s: "second", min: "minute", h: "hour", d: "day" } as const;

/** Says a rule in the page's language: when it is raised, what it watches, whom it calls. */
export function useRuleWords() {
	const { t, i18n } = useTranslation();
	const format = useFormat();
	const site = useSite();
	const write = useValueText();
	const or = (words: readonly string[]) => words.join(t("rule.says.or"));
	const comma = (words: readonly string[]) => words.join(t("people.comma"));

	/** Exact, in the largest unit that gives a whole number. */
	const duration = (ms: number): string => {
		const [, amount, unit] = /^([\d.]+)([a-z]+)$/.exec(writtenDuration(ms)) ?? [];
		const name = UNITS[unit as keyof typeof UNITS] ?? "second";
		return new Intl.NumberFormat(i18n.language, { style: "unit", unit: name, unitDisplay: "short" }).format(Number(amount));
	};
	const states = (list: readonly (string | boolean)[]) => or(list.map((state) => write(state, null)));
	const place = (kind: "room" | "rack", id: string) => (kind === "room" ? site.rooms : site.racks).find((one) => one.id === id)?.name ?? id;

	/** What a selector selects: `temperature; Room: Hall A`. */
	const target = (on: Selector): string => {
		const named = (field: "deviceKind" | "room" | "rack" | "device" | "point", list: readonly string[] | undefined) =>
			list && `${t(`rule.fields.${field}`).toLocaleLowerCase(i18n.language)}${t("rule.says.colon")}${or(list)}`;
		const parts = [
			on.pointKind && or(on.pointKind.map((kind) => t(`pointKind.${kind}`))),
			named("point", on.point),
			named(
				"deviceKind",
				on.deviceKind?.map((kind) => t(`kind.${kind}`)),
			),
			named("device", on.device),
			named(
				"room",
				on.room?.map((id) => place("room", id)),
			),
			named(
				"rack",
				on.rack?.map((id) => place("rack", id)),
			),
		];
		return parts.filter((part) => part !== undefined).join(t("rule.says.semicolon"));
	};

	/** A number in the unit of what the rule watches, where that is one. */
	const amount = (rule: Rule, value: number): string => {
		const [kind, ...others] = rule.on.pointKind ?? [];
		const measured = rule.kind === "combination" ? MEASURES[rule.measure] : null;
		const unit = unitText(measured ?? (kind && others.length === 0 ? POINT_KINDS[kind] : null));
		return unit === "" ? format.number(value) : `${format.number(value)} ${unit}`;
	};
	const beyond = (rule: Extract<Rule, { level: string }>): string => {
		const side = rule.level === "high" || rule.level === "high-high" ? "above" : "below";
		return t(`rule.says.${side}`, { limit: amount(rule, rule.limit), level: t(`rule.levels.${rule.level}`) });
	};
	const held = (rule: Rule): string => {
		switch (rule.kind) {
			case "limit":
				return beyond(rule);
			case "combination":
				return `${t("rule.says.combination", { measure: t(`rule.measures.${rule.measure}`), per: t(`rule.pers.${rule.per}`) })} ${beyond(rule)}`;
			case "rate":
				return t("rule.says.rate", {
					direction: t(`rule.directions.${rule.direction}`),
					change: amount(rule, rule.change),
					within: duration(rule.within),
				});
			case "state":
				return t("rule.says.state", { states: states(rule.states) });
			case "no-data":
				return rule.after === undefined ? t("rule.says.noDataUsual") : t("rule.says.noData", { after: duration(rule.after) });
			case "count":
				return rule.states
					? t("rule.says.countStates", { states: states(rule.states), count: rule.count, within: duration(rule.within) })
					: t("rule.says.count", { count: rule.count, within: duration(rule.within) });
			case "access-count":
				return t("rule.says.accessCount", {
					count: rule.count,
					result: t(`rule.results.${rule.result}`),
					within: duration(rule.within),
					per: t(`rule.pers.${rule.per}`),
				});
		}
	};
	/** When its alarm is raised: `above 27 °C (high), for 5 sec`. */
	const condition = (rule: Rule): string =>
		comma([held(rule), ...(rule.onDelay > 0 ? [t("rule.says.holds", { delay: duration(rule.onDelay) })] : [])]);

	const receiver = (name: string): string => {
		const dutyPlace = DUTY_PLACES.find((one) => one === name);
		return dutyPlace ? t(`roster.places.${dutyPlace}`) : name;
	};
	const receivers = (list: readonly string[]): string => (list.length === 0 ? t("rule.standard") : comma(list.map(receiver)));

	const suppression = ({ on, states: list, where }: NonNullable<Rule["suppressedWhile"]>) =>
		t("rule.says.suppressed", { target: target(on), where: t(`rule.wheres.${where}`), states: states(list) });
	const explanations = (list: Rule["explains"]) =>
		list.map(({ rules, pointKind, deviceKind, where, before, within }) => {
			const what = [
				...(rules ? [t("rule.says.rules", { rules: or(rules) })] : []),
				...(pointKind ? [or(pointKind.map((kind) => t(`pointKind.${kind}`)))] : []),
				...(deviceKind ? [or(deviceKind.map((kind) => t(`kind.${kind}`)))] : []),
			];
			return t("rule.says.explains", { what: comma(what), where: t(`rule.wheres.${where}`), before: duration(before), within: duration(within) });
		});

	/** One field of a rule; `null`: it isn't set. */
	const field = (rule: Rule, name: string): string | null => {
		const value: unknown = (rule as Record<string, unknown>)[name];
		if (value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)) return null;
		switch (name) {
			case "kind":
				return t(`rule.kinds.${rule.kind}`);
			case "on":
				return target(rule.on);
			case "priority":
				return t(`priority.${rule.priority}`);
			case "level":
				return "level" in rule ? t(`rule.levels.${rule.level}`) : null;
			case "direction":
				return "direction" in rule ? t(`rule.directions.${rule.direction}`) : null;
			case "measure":
				return "measure" in rule ? t(`rule.measures.${rule.measure}`) : null;
			case "per":
				return "per" in rule ? t(`rule.pers.${rule.per}`) : null;
			case "result":
				return "result" in rule ? t(`rule.results.${rule.result}`) : null;
			case "states":
				return "states" in rule && rule.states ? states(rule.states) : null;
			case "receivers":
				return receivers(rule.receivers);
			case "suppressedWhile":
				return rule.suppressedWhile ? suppression(rule.suppressedWhile) : null;
			case "explains":
				return explanations(rule.explains).join(t("rule.says.semicolon"));
			case "limit":
			case "deadband":
			case "change":
				return typeof value === "number" ? amount(rule, value) : null;
			case "count":
				return format.number(Number(value));
			default:
				return typeof value === "number"
					? duration(value)
					: typeof value === "boolean"
						? write(value, null)
						: typeof value === "string"
							? value
							: null;
		}
	};
	/** A field's name; fields that nobody has given words to by theirs. */
	const fieldName = (name: string): string => (i18n.exists(`rule.fields.${name}`) ? t(`rule.fields.${name}` as "rule.fields.id") : name);
	/** A duration as a form has it, in words; what is none, as it is. */
	const durationText = (text: string): string => {
		const parsed = durationSchema.safeParse(text);
		return parsed.success ? duration(parsed.data) : text;
	};
	return { condition, target, receivers, field, fieldName, duration, durationText, suppression, explanations };
}
export type RuleWords = ReturnType<typeof useRuleWords>;
