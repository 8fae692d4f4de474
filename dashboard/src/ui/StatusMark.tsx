import { useTranslation } from "react-i18next";

/** Online, offline or unknown: a shape and a word, coloured only when it is not as it should be. */
export function StatusMark({ status }: { status: "online" | "offline" | "unknown" }) {
	const { t } = useTranslation();
	return (
		<span className={`status status-${status}`}>
			<svg viewBox="-1.2 -1.2 2.4 2.4" width="12" height="12" aria-hidden="true">
				{status === "online" && <circle r="0.8" className="status-shape" />}
				{status === "offline" && <path d="M-.8-.8L.8.8M.8-.8L-.8.8" className="status-stroke" />}
				{status === "unknown" && <circle r="0.8" className="status-stroke" />}
			</svg>
			{t(`status.${status}`)}
		</span>
	);
}
