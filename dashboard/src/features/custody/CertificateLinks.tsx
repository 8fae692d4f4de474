import { useTranslation } from "react-i18next";
import { certificateUrl } from "../../api/custody.ts";
import { useMay } from "../session/session-context.ts";

/** The certificate to read, and the one to check for who sees the names in it; nothing while there is none. */
export function CertificateLinks({ of, certificate }: { of: { medium: string } | { batch: string }; certificate: number | null }) {
	const { t } = useTranslation();
	const kinds = useMay("access.personal") ? (["pdf", "json"] as const) : (["pdf"] as const);
	if (certificate === null) return null;
	return (
		<span className="media-links" data-testid="certificate">
			{kinds.map((kind) => (
				<a key={kind} href={certificateUrl(of, kind)} download>
					{t("custody.certificate")} ({kind.toUpperCase()})
				</a>
			))}
		</span>
	);
}
