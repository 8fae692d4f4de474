import { Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface ReasonFieldProps {
	value: string;
	/** What a reason is good for here; without it what it is good for in every change. */
	description?: string;
	/** The first field of its dialog. */
	first?: boolean;
	onChange: (reason: string) => void;
}

/** Why a change is proposed: whoever decides on it reads it. */
export function ReasonField({ value, description, first = false, onChange }: ReasonFieldProps) {
	const { t } = useTranslation();
	return (
		<Textarea
			name="reason"
			label={t("change.reason")}
			description={description ?? t("change.reasonHint")}
			data-autofocus={first || undefined}
			required
			minLength={3}
			maxLength={2000}
			value={value}
			onChange={(event) => onChange(event.currentTarget.value)}
		/>
	);
}
