import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CLASSIFICATIONS, type Classification, MEDIUM_TYPES, type MediumType } from "../../../../contracts/media.ts";

interface PolicyGridProps {
	title: string;
	testId: string;
	edited?: boolean;
	/** One `td` for each type and class, with the class as its key. */
	cell: (type: MediumType, classification: Classification) => ReactNode;
}

/** The table of the policy: types of media down, classes across. */
export function PolicyGrid({ title, testId, edited = false, cell }: PolicyGridProps) {
	const { t } = useTranslation();
	return (
		<section className="panel table-scroll" aria-label={title}>
			<table className={`plain-table policy-table ${edited ? "is-edited" : ""}`} data-testid={testId}>
				<caption className="visually-hidden">{title}</caption>
				<thead>
					<tr>
						<th scope="col">{t("custody.type")}</th>
						{CLASSIFICATIONS.map((classification) => (
							<th key={classification} scope="col">
								{t("custody.class")}: {t(`custody.classes.${classification}`)}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{MEDIUM_TYPES.map((type) => (
						<tr key={type}>
							<th scope="row">{t(`custody.types.${type}`)}</th>
							{CLASSIFICATIONS.map((classification) => cell(type, classification))}
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}
