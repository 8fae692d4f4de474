import { useTranslation } from "react-i18next";
import type { UserView } from "../../../../contracts/identity.ts";
import { ProposeDialog } from "../changes/ProposeDialog.tsx";

/** Proposes that an account is closed. */
export function CloseAccountDialog({ user, onClose, onDone }: { user: UserView; onClose: () => void; onDone: () => void }) {
	const { t } = useTranslation();
	return (
		<ProposeDialog
			title={t("change.kinds.account-closure")}
			subject={user.name}
			testId="propose-closure"
			reasonFirst
			proposal={(reason) => ({ kind: "account-closure", user: user.id, reason })}
			onClose={onClose}
			onDone={onDone}
		>
			<p>{t("people.closeHint")}</p>
		</ProposeDialog>
	);
}
