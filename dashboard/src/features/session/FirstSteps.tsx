import { useTranslation } from "react-i18next";
import { PasswordForm } from "./PasswordForm.tsx";
import { SecondFactorForm } from "./SecondFactorForm.tsx";
import { StartFrame } from "./StartFrame.tsx";
import { useSession } from "./session-context.ts";

/** What has to be done before the session may do anything else. */
export function FirstSteps({ onDone }: { onDone: () => void }) {
	const { t } = useTranslation();
	const { mustChangePassword } = useSession();
	return mustChangePassword ? (
		<StartFrame title={t("session.changePassword")}>
			<p>{t("session.mustChange")}</p>
			<PasswordForm onDone={onDone} />
		</StartFrame>
	) : (
		<StartFrame title={t("session.setUpSecondFactor")}>
			<p>{t("session.mustSetUp")}</p>
			<SecondFactorForm onDone={onDone} />
		</StartFrame>
	);
}
