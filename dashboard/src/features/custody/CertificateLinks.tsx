import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { batchQuery, certificateUrl } from "../../api/custody.ts";
import { useMay, useSession } from "../session/session-context.ts";

/** The certificate to read, and the one to check for who may hand it out or works on its order; nothing while there is none. */
export function CertificateLinks({
	of,
	order,
	certificate,
}: {
	of: { medium: string } | { batch: string };
	order: string;
	certificate: number | null;
}) {
	const { t } = useTranslation();
	const { id } = useSession().user;
	const handsOut = useMay("media.certificates");
	const found = useQuery({ ...batchQuery(order), enabled: certificate !== null && !handsOut }).data;
	if (certificate === null) return null;
	const own = found !== undefined && [...found.people, found.openedBy, found.closedBy].some((person) => person?.id === id);
	const kinds = handsOut || own ? (["pdf", "json"] as const) : (["pdf"] as const);
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
