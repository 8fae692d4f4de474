import { DUTY_PLACES } from "../../contracts/duty-plan.ts";
import type { Adoption } from "../../contracts/onboarding.ts";
import { missingWords } from "../../contracts/rule-words.ts";
import type { Rule } from "../../contracts/rules.ts";
import type { SiteFile } from "../../contracts/site.ts";
import { siteReferenceProblems } from "../../contracts/site-check.ts";
import { expandSite } from "../../contracts/world.ts";
import type { FieldError } from "../platform/errors.ts";
import { mergeDevices } from "./merge-devices.ts";

const DEFINITION = "change.definition";

/**
 * Everything that keeps a device from being added, as a site file with it would be checked, by field. `file`: the site file;
 * `others`: the other added devices; `id`: the id that it is proposed by.
 */
export function adoptionProblems(file: SiteFile, others: readonly Adoption[], adoption: Adoption, id: string): FieldError[] {
	const { place, device, rules } = adoption;
	const at = (field: string, message: string): FieldError => ({ field: `${DEFINITION}.${field}`, message });
	const without = mergeDevices(file, others).site;
	const problems: FieldError[] = device.id === id ? [] : [at("device.id", `expected ${id}`)];
	const [list, standing, name] = "rack" in place ? (["racks", place.rack, "place.rack"] as const) : (["rooms", place.room, "place.room"] as const);
	const index = without[list].findIndex((one) => one.id === standing);
	if (index < 0) problems.push(at(name, `expected one of the ${list} of the site file, not ${standing}`));
	if (device.agent !== undefined && !file.agents.some((agent) => agent.id === device.agent))
		problems.push(at("device.agent", `expected one of the agents ${file.agents.map((agent) => agent.id).join(", ")}`));
	if (device.model !== undefined && !file.models.some((model) => model.id === device.model))
		problems.push(at("device.model", `expected one of the models of the site file, not ${device.model}`));
	if (index >= 0) {
		const path = `${list}[${index}].devices[${without[list][index]?.devices.length ?? 0}]`;
		const { site } = mergeDevices(file, [...others, adoption]);
		for (const problem of siteReferenceProblems(site))
			if (problem.path.startsWith(`${path}.`)) problems.push(at(`device${problem.path.slice(path.length)}`, problem.message));
	}
	if (problems.length > 0) return problems;
	return [...sourceProblems(without, file, others, adoption), ...rules.flatMap((rule, at) => ruleProblems(rule, at, adoption, without, rules))];
}

/** A channel of a device has one point: two would both alarm. */
function sourceProblems(without: SiteFile, file: SiteFile, others: readonly Adoption[], adoption: Adoption): FieldError[] {
	const world = expandSite(mergeDevices(file, [...others, adoption]).site);
	const added = world.devices.get(adoption.device.id);
	if (!added) return [];
	const own = (adoption.device.points ?? []).map(({ id, source }) => source ?? id);
	const twice = own.flatMap((source, index) => (own.indexOf(source) < index ? [{ index, source, device: added.id }] : []));
	const before = expandSite(without);
	const taken = [...before.devices.values()]
		.filter(({ agent, profile, address }) => agent === added.agent && profile === added.profile && address === added.address)
		.flatMap(({ id, points }) => points.flatMap(({ source }) => (own.includes(source) ? [{ index: own.indexOf(source), source, device: id }] : [])));
	return [...twice, ...taken].map(({ index, source, device }) => ({
		field: `${DEFINITION}.device.points[${index}].source`,
		message: `${source} is also a point of ${device}; expected each channel once`,
	}));
}

function ruleProblems(rule: Rule, index: number, { device }: Adoption, without: SiteFile, rules: readonly Rule[]): FieldError[] {
	const at = (field: keyof Rule, message: string) => ({ field: `${DEFINITION}.rules[${index}].${field}`, message });
	const points = new Set((device.points ?? []).map(({ id }) => id));
	return [
		...(without.rules.some(({ id }) => id === rule.id) || rules.findIndex(({ id }) => id === rule.id) < index
			? [at("id", `there is a rule ${rule.id} already; expected another id`)]
			: []),
		...(rule.on.device?.length === 1 && rule.on.device[0] === device.id
			? []
			: [at("on", `expected { device: ${device.id} }: rules of this device alone`)]),
		...(device.model === undefined && (rule.on.point ?? []).some((point) => !points.has(point))
			? [at("on", `expected points of the device: ${[...points].join(", ")}`)]
			: []),
		...missingWords(rule).map(({ field, message }) => at(field, message)),
		...rule.receivers.flatMap((name) =>
			DUTY_PLACES.some((place) => place === name) ? [] : at("receivers", `expected places of the roster (${DUTY_PLACES.join(", ")}), not ${name}`),
		),
	];
}
