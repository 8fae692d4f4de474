import { Button, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReviewDecision, ReviewItem } from "../../../../contracts/reviews.ts";
import { FormError } from "../../ui/FormError.tsx";
import { useSite } from "../../ui/site-context.ts";
import type { DraftContent } from "./draft-box.ts";
import { endOfDay } from "./period.ts";

/** Asks for what a decision needs: a reason, and the new end of what is changed. */
export function DecisionForm(props: {
	item: ReviewItem;
	decision: ReviewDecision;
	/** Reasons given before, the newest first. */
	recent: readonly string[];
	onDecide: (content: DraftContent) => void;
	onCancel: () => void;
}) {
	const { t } = useTranslation();
	const { timeZone } = useSite();
	const { item, decision, recent } = props;
	const [reason, setReason] = useState(item.decision === decision ? (item.reason ?? "") : "");
	const [day, setDay] = useState("");
	const [error, setError] = useState<string | null>(null);
	const field = useRef<HTMLTextAreaElement>(null);
	const dayField = useRef<HTMLInputElement>(null);
	useEffect(() => (decision === "change" ? dayField.current : field.current)?.focus(), [decision]);
	const hints = item.hints.map((hint) => t(`review.hints.${hint}`));
	const suggestions = [...new Set([...(decision === "keep" ? [] : hints), ...recent])].slice(0, 4);
	const decide = () => {
		const until = decision === "change" ? endOfDay(day, timeZone) : null;
		if (decision === "change" && (until === null || until <= Date.now())) return setError(t("review.untilNeeded"));
		if (reason.trim().length < 3) return field.current?.focus();
		const change = until === null ? null : { until: new Date(until).toISOString(), schedule: null };
		props.onDecide({ decision, reason: reason.trim(), change });
	};
	const onKey = (event: KeyboardEvent) => {
		if (event.key === "Escape") {
			event.stopPropagation();
			props.onCancel();
		}
	};
	const onReasonKey = (event: KeyboardEvent) => {
		// While an input method composes, Enter belongs to it.
		if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
			event.preventDefault();
			decide();
		}
		if (event.key === "ArrowUp" && reason === "" && suggestions[0]) {
			event.preventDefault();
			setReason(recent[0] ?? suggestions[0]);
		}
	};
	return (
		<form
			className="dialog-form review-form"
			data-testid="decision-form"
			data-decision={decision}
			aria-label={t(`review.reasonFor.${decision}`)}
			onKeyDown={onKey}
			onSubmit={(event: FormEvent) => {
				event.preventDefault();
				decide();
			}}
		>
			<FormError text={error} />
			{decision === "change" && (
				<TextInput
					ref={dayField}
					type="date"
					label={t("review.newUntil")}
					description={`${t("review.newUntilHint")}. ${t("review.keepsSchedule")}.`}
					required
					value={day}
					onChange={(event) => setDay(event.currentTarget.value)}
				/>
			)}
			<Textarea
				ref={field}
				label={t(`review.reasonFor.${decision}`)}
				description={t("review.reasonNeeded")}
				required
				minLength={3}
				maxLength={2000}
				rows={2}
				value={reason}
				onChange={(event) => setReason(event.currentTarget.value)}
				onKeyDown={onReasonKey}
			/>
			{suggestions.length > 0 && (
				<p className="review-suggestions">
					{suggestions.map((text) => (
						<button key={text} type="button" className="pill" aria-label={`${t("review.reasonUsed")}: ${text}`} onClick={() => setReason(text)}>
							{text}
						</button>
					))}
				</p>
			)}
			<div className="dialog-actions">
				<Button size="xs" variant="default" type="button" onClick={props.onCancel}>
					{t("alarm.cancel")}
				</Button>
				<Button size="xs" type="submit" className="primary">
					{t(`review.${decision}`)}
				</Button>
			</div>
		</form>
	);
}
