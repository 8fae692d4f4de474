import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Device } from "../../../../contracts/api.ts";
import { pointIdOf } from "../../../../contracts/identifiers.ts";
import { type AddedDevice, adoptionSchema } from "../../../../contracts/onboarding.ts";
import { addedDevicesQuery } from "../../api/onboarding.ts";
import { useWorld } from "../../api/world-index.ts";
import { PointValue } from "../../ui/PointValue.tsx";
import { useMay } from "../session/session-context.ts";
import { draftOfAdded } from "./adoption-draft.ts";
import { DeviceForm } from "./DeviceForm.tsx";
import { RemoveDevice } from "./RemoveDevice.tsx";
import { SiteFileText } from "./SiteFileText.tsx";
import { useDialectName } from "./use-dialect-name.ts";

/** How a device speaks, whether its clock can be used, and where it comes from. */
export function DeviceFacts({ device }: { device: Device }) {
	const { t } = useTranslation();
	const dialectName = useDialectName();
	const proposes = useMay("devices.propose");
	const added = useQuery(addedDevicesQuery).data?.find(({ id, resting }) => id === device.id && resting === null);
	const [changing, setChanging] = useState(false);
	if (added && changing) return <ChangeForm definition={added.definition} onCancel={() => setChanging(false)} />;
	return (
		<section className="panel panel-body stack" aria-label={t("onboarding.speaks")} data-testid="device-facts">
			<dl className="facts">
				<div>
					<dt>{t("onboarding.speaks")}</dt>
					<dd>{dialectName(device.profile)}</dd>
				</div>
				<div>
					<dt>{t("onboarding.clock")}</dt>
					<dd className={device.unusableClock === null ? "" : "is-abnormal"}>{t(`onboarding.clocks.${device.unusableClock ?? "usable"}`)}</dd>
				</div>
				<div>
					<dt>{t("onboarding.from")}</dt>
					<dd>{t(added ? "onboarding.fromPeople" : "onboarding.fromFile")}</dd>
				</div>
			</dl>
			{added && <SiteFileText yaml={added.yaml} />}
			{added && proposes && (
				<div className="actions">
					<Button variant="default" onClick={() => setChanging(true)}>
						{t("onboarding.change")}
					</Button>
					<RemoveDevice id={device.id} name={device.name} />
				</div>
			)}
		</section>
	);
}

/** What an added device shall be instead, with what its points say now. */
function ChangeForm({ definition, onCancel }: { definition: AddedDevice["definition"]; onCancel: () => void }) {
	const adoption = adoptionSchema.parse(definition);
	const points = useWorld().byDevice.get(adoption.device.id) ?? [];
	const bySource = new Map(
		(adoption.device.points ?? []).map(({ id, source = id }) => [source, points.find((point) => point.id === pointIdOf(adoption.device.id, id))]),
	);
	const says = (source: string) => {
		const point = bySource.get(source);
		return { unit: null, value: point ? <PointValue point={point} age={false} /> : "–" };
	};
	return <DeviceForm initial={draftOfAdded(adoption)} says={says} onCancel={onCancel} />;
}
