import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useWorld } from "../../api/world-index.ts";
import { PointValue } from "../../ui/PointValue.tsx";
import { RackFeeds } from "./RackFeeds.tsx";
import { isPduOnFeed } from "./rack-metric.ts";
import { usePlace } from "./use-place.ts";

/** The points of a rack, room, door or device with their live values; each leads to its own page. */
export function PlacePanel({ at, onClose }: { at: string; onClose: () => void }) {
	const { t } = useTranslation();
	const place = usePlace(at);
	const { devices } = useWorld();
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		if (at) heading.current?.focus();
	}, [at]);
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => event.key === "Escape" && !event.defaultPrevented && onClose();
		document.addEventListener("keydown", onKey);
		return () => document.removeEventListener("keydown", onKey);
	}, [onClose]);
	if (!place) return null;
	return (
		<section className="panel place-panel" aria-label={place.name} data-testid="place-panel">
			<div className="panel-head">
				<h2 ref={heading} tabIndex={-1}>
					{place.name}
				</h2>
				<button type="button" className="icon-button" aria-label={t("plan.closePanel")} onClick={onClose}>
					×
				</button>
			</div>
			{place.points.length === 0 && <p className="dim">{t("device.noPoints")}</p>}
			{at.startsWith("rack:") && place.points.some(({ kind, device }) => kind === "power" && isPduOnFeed(devices.get(device))) && (
				<RackFeeds rack={at.slice("rack:".length)} />
			)}
			<ul className="place-points">
				{place.points.map((point) => (
					<li key={point.id}>
						<Link to="/points/$point" params={{ point: point.id }}>
							{point.name}
							<span className="dim"> {point.device}</span>
						</Link>
						<PointValue point={point} />
					</li>
				))}
			</ul>
		</section>
	);
}
