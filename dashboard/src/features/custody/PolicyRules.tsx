import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PHOTO_RULES, PHOTO_STEPS } from "../../../../contracts/media.ts";
import { DEVIATIONS, type SanitizationPolicy } from "../../../../contracts/media-orders.ts";
import { type DeviationRules, deviationsOf, type Photos, photosOf } from "./policy-draft.ts";

interface Rules {
	photos: Photos;
	deviations: DeviationRules;
}
const NOTES = ["note", "refuse"] as const;

/** Chooses which steps are shown by a photo, and what becomes of a step that is not as planned. */
export function PolicyRulesEditor({ rules, onChange }: { rules: Rules; onChange: (rules: Rules) => void }) {
	const { t } = useTranslation();
	return (
		<>
			<section className="panel panel-body filters" aria-label={t("custody.photoRules")}>
				{PHOTO_STEPS.map((step) => (
					<NativeSelect
						key={step}
						name={`photo-${step}`}
						label={t("custody.photoOf", { step: t(`custody.photoSteps.${step}`) })}
						value={rules.photos[step]}
						data={PHOTO_RULES.map((rule) => ({ value: rule, label: t(`custody.photoRule.${rule}`) }))}
						onChange={({ currentTarget: { value } }) => {
							const rule = PHOTO_RULES.find((one) => one === value);
							if (rule) onChange({ ...rules, photos: { ...rules.photos, [step]: rule } });
						}}
					/>
				))}
			</section>
			<section className="panel panel-body filters" aria-label={t("custody.deviationRules")}>
				{DEVIATIONS.map((kind) => (
					<NativeSelect
						key={kind}
						name={`deviation-${kind}`}
						label={t(`custody.deviationKinds.${kind}`)}
						value={rules.deviations[kind]}
						data={NOTES.map((rule) => ({ value: rule, label: t(`custody.deviationRule.${rule}`) }))}
						onChange={({ currentTarget: { value } }) => {
							const rule = NOTES.find((one) => one === value);
							if (rule) onChange({ ...rules, deviations: { ...rules.deviations, [kind]: rule } });
						}}
					/>
				))}
			</section>
		</>
	);
}

/** The same, to read, with what the version before said. */
export function PolicyRules({ policy, before }: { policy: SanitizationPolicy; before: SanitizationPolicy | undefined }) {
	const { t } = useTranslation();
	const photo = (of: SanitizationPolicy, step: (typeof PHOTO_STEPS)[number]) => t(`custody.photoRule.${photosOf(of)[step]}`);
	const deviation = (of: SanitizationPolicy, kind: (typeof DEVIATIONS)[number]) => t(`custody.deviationRule.${deviationsOf(of)[kind]}`);
	const rows = [
		...PHOTO_STEPS.map((step) => ({
			label: t("custody.photoOf", { step: t(`custody.photoSteps.${step}`) }),
			now: photo(policy, step),
			was: before && photo(before, step),
		})),
		...DEVIATIONS.map((kind) => ({
			label: t(`custody.deviationKinds.${kind}`),
			now: deviation(policy, kind),
			was: before && deviation(before, kind),
		})),
	];
	return (
		<section className="panel panel-body" aria-label={t("custody.stepRules")} data-testid="policy-rules">
			<dl className="facts">
				{rows.map(({ label, now, was }) => (
					<div key={label} className={was !== undefined && was !== now ? "is-changed" : ""}>
						<dt>{label}</dt>
						<dd>
							{now} {was !== undefined && was !== now && <span className="dim">{t("custody.wasBefore", { text: was })}</span>}
						</dd>
					</div>
				))}
			</dl>
		</section>
	);
}
