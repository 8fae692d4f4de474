import { NativeSelect, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { REVIEW_HINTS, REVIEW_RISKS, type ReviewItem } from "../../../../contracts/reviews.ts";
import { DECISIONS, GROUPS, SORTS, type ViewSettings, WHOSE } from "./workbench-view.ts";

/** What is shown of the items, in which order. */
export function Filters(props: {
	items: readonly ReviewItem[];
	settings: ViewSettings;
	/** On a phone they would fill the screen: they open when they are wanted. */
	folded: boolean;
	onChange: (change: Partial<ViewSettings>) => void;
}) {
	const { t } = useTranslation();
	if (!props.folded) return <Fields {...props} />;
	return (
		<details className="review-folded">
			<summary>{t("review.filters")}</summary>
			<Fields {...props} />
		</details>
	);
}

function Fields(props: { items: readonly ReviewItem[]; settings: ViewSettings; onChange: (change: Partial<ViewSettings>) => void }) {
	const { t } = useTranslation();
	const { items, settings, onChange } = props;
	const zones = useMemo(() => [...new Map(items.flatMap(({ grant }) => (grant ? [[grant.zone, grant.zoneName] as const] : [])))], [items]);
	const hints = useMemo(() => REVIEW_HINTS.filter((hint) => items.some((item) => item.hints.includes(hint))), [items]);
	const decisionText = { none: t("review.undecided"), draft: t("review.draft"), ...t("review.decisions", { returnObjects: true }) };
	return (
		<div className="filters review-filters">
			<TextInput
				type="search"
				size="xs"
				aria-label={t("review.search")}
				placeholder={t("review.search")}
				value={settings.search ?? ""}
				onChange={(event) => onChange({ search: event.currentTarget.value || undefined })}
			/>
			<Choice
				label={t("review.filter")}
				value={settings.whose}
				options={WHOSE.map((one) => [one, t(`review.whose.${one}`)])}
				onChoose={(value) => onChange({ whose: WHOSE.find((one) => one === value) ?? "all" })}
			/>
			{zones.length > 0 && (
				<Choice
					label={t("review.zone")}
					value={settings.zone ?? ""}
					options={[["", t("review.anyZone")], ...zones]}
					onChoose={(zone) => onChange({ zone: zone || undefined })}
				/>
			)}
			<Choice
				label={t("review.risk")}
				value={settings.risk ?? ""}
				options={[["", t("review.anyRisk")], ...REVIEW_RISKS.map((one) => [one, t(`review.risks.${one}`)] as const)]}
				onChoose={(risk) => onChange({ risk: risk || undefined })}
			/>
			<Choice
				label={t("review.hint")}
				value={settings.hint ?? ""}
				options={[["", t("review.anyHint")], ...hints.map((one) => [one, t(`review.hints.${one}`)] as const)]}
				onChoose={(hint) => onChange({ hint: hint || undefined })}
			/>
			<Choice
				label={t("review.decision")}
				value={settings.decision ?? ""}
				options={[["", t("review.anyDecision")], ...DECISIONS.map((one) => [one, decisionText[one]] as const)]}
				onChoose={(decision) => onChange({ decision: decision || undefined })}
			/>
			<Choice
				label={t("review.sort")}
				value={settings.sort}
				options={SORTS.map((one) => [one, t(`review.sorts.${one}`)])}
				onChoose={(value) => onChange({ sort: SORTS.find((one) => one === value) ?? "number" })}
			/>
			<Choice
				label={t("review.group")}
				value={settings.group}
				options={GROUPS.map((one) => [one, t(`review.groups.${one}`)])}
				onChoose={(value) => onChange({ group: GROUPS.find((one) => one === value) ?? "none" })}
			/>
		</div>
	);
}

function Choice(props: {
	label: string;
	value: string;
	options: readonly (readonly [value: string, label: string])[];
	onChoose: (value: string) => void;
}) {
	return (
		<NativeSelect
			size="xs"
			aria-label={props.label}
			value={props.value}
			data={props.options.map(([value, label]) => ({ value, label }))}
			onChange={(event) => props.onChoose(event.currentTarget.value)}
		/>
	);
}
