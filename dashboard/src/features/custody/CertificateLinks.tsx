import { useTranslation } from "react-i18next";
import { certificateUrl } from "../../api/custody.ts";

/** The certificate to read and the one to check; nothing while there is none. */
export function CertificateLinks({ of, certificate }: { of: { medium: string } | { batch: string }; certificate: number | null }) {
	const { t } = useTranslation();
	if (certificate === null) return null;
	return (
		<span className="media-links" data-testid="certificate">
			{(["pdf", "json"] as const).map((kind) => (
				<a key={kind} href={certificateUrl(of, kind)} download>
					{t("custody.certificate")} ({kind.toUpperCase()})
				</a>
			))}
		</span>
	);
}
