import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { addedDevicesQuery } from "../../api/onboarding.ts";
import { useMay } from "../session/session-context.ts";
import { RemoveDevice } from "./RemoveDevice.tsx";
import { SiteFileText } from "./SiteFileText.tsx";

/** Devices that two people have added and that are not in use, because of what the site file says. */
export function RestingDevices() {
	const { t } = useTranslation();
	const proposes = useMay("devices.propose");
	const resting = (useQuery(addedDevicesQuery).data ?? []).flatMap(({ resting: why, ...device }) => (why === null ? [] : [{ ...device, why }]));
	if (resting.length === 0) return null;
	return (
		<section className="panel" aria-labelledby="resting-devices" data-testid="resting-devices">
			<div className="panel-head">
				<h2 id="resting-devices">{t("onboarding.resting", { count: resting.length })}</h2>
			</div>
			<ul className="panel-body stack">
				{resting.map(({ id, why, yaml }) => (
					<li key={id} className="stack">
						<p>
							{id}: {t(`onboarding.restsAs.${why}`)}
						</p>
						<SiteFileText yaml={yaml} />
						{proposes && (
							<div className="actions">
								<RemoveDevice id={id} name={id} />
							</div>
						)}
					</li>
				))}
			</ul>
		</section>
	);
}
