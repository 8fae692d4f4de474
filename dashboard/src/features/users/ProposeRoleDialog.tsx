import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { UserView } from "../../../../contracts/identity.ts";
import { ROLES, type Role } from "../../../../contracts/permissions.ts";
import { ProposeDialog } from "../changes/ProposeDialog.tsx";

export type RoleProposal = { kind: "role-grant" } | { kind: "role-revocation" | "role-renewal"; role: Role; site: string };

/** Proposes that somebody gets, loses or keeps a role. */
export function ProposeRoleDialog(props: { user: UserView; proposal: RoleProposal; onClose: () => void; onDone: () => void }) {
	const { t } = useTranslation();
	const { user, proposal, onClose, onDone } = props;
	const free = ROLES.filter((role) => !user.roles.some((grant) => grant.role === role));
	const [role, setRole] = useState<Role>(proposal.kind === "role-grant" ? (free[0] ?? "operator") : proposal.role);
	const site = proposal.kind === "role-grant" ? "*" : proposal.site;
	return (
		<ProposeDialog
			title={t(`change.kinds.${proposal.kind}`)}
			subject={user.name}
			testId="propose-role"
			proposal={(reason) => ({ kind: proposal.kind, user: user.id, role, site, reason })}
			onClose={onClose}
			onDone={onDone}
		>
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
		</ProposeDialog>
	);
}
