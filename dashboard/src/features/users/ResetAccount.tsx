import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserView } from "../../../../contracts/identity.ts";
import { resetUser } from "../../api/people.ts";
import { ProblemError } from "../../api/problem-error.ts";
import { FormError } from "../../ui/FormError.tsx";
import { ProposeDialog } from "../changes/ProposeDialog.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";
import { SetUpLink } from "./SetUpLink.tsx";

/** Resets an account, or proposes it where that takes two people; once it is approved the same button resets. */
export function ResetAccount({ user }: { user: UserView }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [link, setLink] = useState<{ setUpPath: string; expiresAt: string } | null>(null);
	const [proposing, setProposing] = useState(false);
	const [proposed, setProposed] = useState(false);
	const reset = useAct(resetUser, ["users"], setLink);
	const takesTwo = reset.error instanceof ProblemError && reset.error.code === "takes-two-persons";
	if (link) return <SetUpLink link={link} />;
	return (
		<>
			<FormError text={textOf(reset.error)} />
			<div className="actions">
				<Button variant="default" loading={reset.pending} onClick={() => reset.run(user.id)}>
					{t("people.reset")}
				</Button>
				{takesTwo && !proposed && (
					<Button variant="default" onClick={() => setProposing(true)}>
						{t("change.kinds.account-reset")}
					</Button>
				)}
				<span className="dim">{t("people.resetHint")}</span>
			</div>
			<div role="status">
				{proposed && (
					<p className="note">
						{t("people.resetProposed")}{" "}
						<Link to="/changes" search={{ tab: "mine" }}>
							{t("nav.changes")}
						</Link>
					</p>
				)}
			</div>
			{proposing && (
				<ProposeDialog
					title={t("change.kinds.account-reset")}
					subject={user.name}
					testId="propose-reset"
					reasonFirst
					proposal={(reason) => ({ kind: "account-reset", user: user.id, reason })}
					onClose={() => setProposing(false)}
					onDone={() => {
						setProposing(false);
						setProposed(true);
					}}
				/>
			)}
			{reset.dialog}
		</>
	);
}
