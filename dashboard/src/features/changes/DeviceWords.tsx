import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import type { ChangeView } from "../../../../contracts/changes.ts";
import { type Adoption, adoptionSchema } from "../../../../contracts/onboarding.ts";
import type { PointSpec } from "../../../../contracts/site.ts";
import { FactRows } from "../../ui/FactRows.tsx";
import { useDialectName } from "../devices/use-dialect-name.ts";

const sideSchema = z.object({ definition: adoptionSchema.nullable() });

/** What a change of a device means: the device with its place, points and rules as it would be, and how it was where that is different. */
export function DeviceWords({ change }: { change: ChangeView }) {
	const { t } = useTranslation();
	const dialectName = useDialectName();
	const [before, after] = [change.before, change.after].map((side) => sideSchema.safeParse(side).data?.definition ?? null);
	const adoption = after ?? before;
	if (!adoption) return null;
	const now = (said: (adoption: Adoption) => string) => {
		const to = said(adoption);
		const from = before && after ? said(before) : to;
		return from === to ? to : <Difference from={from} to={to} />;
	};
	const facts: [string, ReactNode][] = [
		[t("device.name"), now(({ device }) => `${device.name ?? device.id} (${device.id})`)],
		[t("device.kind"), now(({ device }) => (device.kind ? t(`kind.${device.kind}`) : (device.model ?? "")))],
		[t("device.place"), now(({ place }) => ("rack" in place ? place.rack : place.room))],
		[t("onboarding.speaks"), now(({ device }) => `${dialectName(device.profile)}, ${device.address ?? device.id}`)],
		...(adoption.device.agent === undefined ? [] : [[t("onboarding.agent"), now(({ device }) => device.agent ?? "–")] as [string, ReactNode]]),
	];
	if ([before, after].some((side) => side?.device.timeZone !== undefined))
		facts.push([t("onboarding.timeZone"), now(({ device }) => device.timeZone ?? "–")]);
	const pointText = ({ id, name, kind, source, sourceUnit }: PointSpec) =>
		`${t(`pointKind.${kind}`)}: ${name ?? id} (${[source ?? id, ...(sourceUnit === undefined ? [] : [sourceUnit])].join(", ")})`;
	return (
		<div className="stack" data-testid="device-words">
			<h3>{t(!before ? "onboarding.adds" : !after ? "onboarding.removes" : "onboarding.changes")}</h3>
			<dl className="facts">
				<FactRows facts={facts} />
			</dl>
			<h3>{t("device.points")}</h3>
			<Compared before={(before && after ? before : adoption).device.points ?? []} after={adoption.device.points ?? []} textOf={pointText} />
			<h3>{t("onboarding.rules")}</h3>
			<Compared
				before={(before && after ? before : adoption).rules}
				after={adoption.rules}
				textOf={({ name, priority }) => `${name} (${t(`priority.${priority}`)})`}
			/>
		</div>
	);
}

/** What there is, what is new of it and what goes. */
function Compared<T extends { id: string }>({ before, after, textOf }: { before: readonly T[]; after: readonly T[]; textOf: (one: T) => string }) {
	const { t } = useTranslation();
	const [was, is] = [new Map(before.map((one) => [one.id, one])), new Map(after.map((one) => [one.id, one]))];
	const ids = new Set([...was.keys(), ...is.keys()]);
	if (ids.size === 0) return <p>–</p>;
	return (
		<ul>
			{[...ids].map((id) => {
				const [from, to] = [was.get(id), is.get(id)].map((one) => (one ? textOf(one) : null));
				const changed = from === to && JSON.stringify(was.get(id)) !== JSON.stringify(is.get(id));
				return (
					<li key={id} className="wrap">
						{from === to ? to : <Difference from={from ?? null} to={to ?? null} />}{" "}
						{changed && <span className="tag">{t("onboarding.changed")}</span>}
					</li>
				);
			})}
		</ul>
	);
}

/** `null`: there is nothing. */
const Difference = ({ from, to }: { from: string | null; to: string | null }) => (
	<>
		{from !== null && <del>{from}</del>} {to !== null && <ins>{to}</ins>}
	</>
);
