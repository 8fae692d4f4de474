import { useTranslation } from "react-i18next";
import { When } from "../../ui/When.tsx";
import { CopyButton } from "../session/CopyButton.tsx";

/** A one-time link, shown once, to be handed to its person by a safe way. */
export function SetUpLink({ link }: { link: { setUpPath: string; expiresAt: string } }) {
	const { t } = useTranslation();
	const address = new URL(link.setUpPath, location.origin).href;
	return (
		<div role="status" className="note stack" data-testid="set-up-link">
			<p>{t("people.linkOnce")}</p>
			<p className="secret" data-testid="set-up-address">
				{address}
			</p>
			<CopyButton text={address} />
			<p className="dim">
				{t("people.expires")}: <When at={link.expiresAt} />
			</p>
		</div>
	);
}
