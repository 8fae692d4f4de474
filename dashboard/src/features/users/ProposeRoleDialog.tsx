import { Button, NativeSelect, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserView } from "../../../../contracts/identity.ts";
import { ROLES, type Role } from "../../../../contracts/permissions.ts";
import { proposeChange } from "../../api/people.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

export type RoleProposal = { kind: "role-grant" } | { kind: "role-revocation" | "role-renewal"; role: Role; site: string };

/** Proposes that somebody gets, loses or keeps a role; another person decides. */
export function ProposeRoleDialog(props: { user: UserView; proposal: RoleProposal; onClose: () => void; onDone: () => void }) {
	const { t } = useTranslation();
	const { user, proposal, onClose, onDone } = props;
	const textOf = useProblemText();
	const free = ROLES.filter((role) => !user.roles.some((grant) => grant.role === role));
	const [role, setRole] = useState<Role>(proposal.kind === "role-grant" ? (free[0] ?? "operator") : proposal.role);
	const [reason, setReason] = useState("");
	const act = useAct(proposeChange, ["changes"], onDone);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		const site = proposal.kind === "role-grant" ? "*" : proposal.site;
		if (!act.pending) act.run({ kind: proposal.kind, user: user.id, role, site, reason: reason.trim() });
	};
	return (
		<Dialog title={t(`change.kinds.${proposal.kind}`)} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="propose-role">
				<p className="dialog-subject">{user.name}</p>
				<FormError text={textOf(act.error)} />
				{proposal.kind === "role-grant" ? (
					<NativeSelect
						label={t("people.role")}
						data-autofocus
						value={role}
						data={free.map((value) => ({ value, label: t(`role.${value}`) }))}
						onChange={(event) => setRole(ROLES.find((known) => known === event.currentTarget.value) ?? role)}
					/>
				) : (
					<p>{t(`role.${role}`)}</p>
				)}
				<Textarea
					label={t("change.reason")}
					description={t("change.reasonHint")}
					required
					minLength={3}
					maxLength={2000}
					value={reason}
					onChange={(event) => setReason(event.currentTarget.value)}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("change.propose")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
