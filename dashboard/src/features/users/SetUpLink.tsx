import { useTranslation } from "react-i18next";
import { When } from "../../ui/When.tsx";

/** A one-time link, shown once, to be handed to its person by a safe way. */
export function SetUpLink({ link }: { link: { setUpPath: string; expiresAt: string } }) {
	const { t } = useTranslation();
	return (
		<div role="status" className="note stack" data-testid="set-up-link">
			<p>{t("people.linkOnce")}</p>
			<p className="secret">{new URL(link.setUpPath, location.origin).href}</p>
			<p className="dim">
				{t("people.expires")}: <When at={link.expiresAt} />
			</p>
		</div>
	);
}
