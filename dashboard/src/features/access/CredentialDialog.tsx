import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CREDENTIAL_STATES, type CredentialView, credentialStateSchema } from "../../../../contracts/access.ts";
import { changeCredential } from "../../api/access.ts";
import { BecauseDialog } from "../session/BecauseDialog.tsx";

/** Suspends, revives or takes back a card, or reports it lost or stolen. */
export function CredentialDialog({ credential, onClose }: { credential: CredentialView; onClose: () => void }) {
	const { t } = useTranslation();
	const states = CREDENTIAL_STATES.filter((state) => state !== credential.state && state !== "expired");
	const [state, setState] = useState(states[0] ?? "suspended");
	return (
		<BecauseDialog
			title={t("register.changeState")}
			subject={`${credential.holder.name}, ${credential.card ?? t("register.fingerprint")}`}
			act={changeCredential}
			input={(reason) => ({ id: credential.id, state, reason, version: credential.version })}
			renews={["credentials", "permitted", "removals", "controllers"]}
			onClose={onClose}
		>
			<NativeSelect
				label={t("register.state")}
				value={state}
				data={states.map((one) => ({ value: one, label: t(`register.states.${one}`) }))}
				onChange={(event) => setState(credentialStateSchema.parse(event.currentTarget.value))}
			/>
		</BecauseDialog>
	);
}
