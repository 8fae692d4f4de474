import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { SeenDeviceDetails } from "../../../../contracts/onboarding.ts";
import { seenDeviceQuery } from "../../api/onboarding.ts";
import { FactRows } from "../../ui/FactRows.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { draftOf } from "./adoption-draft.ts";
import { DeviceForm } from "./DeviceForm.tsx";
import { useDialectName } from "./use-dialect-name.ts";
import "./devices.css";

const route = getRouteApi("/devices/seen/$seen");

/** A device that speaks and isn't in the site: what it said last, and what it could be there. */
export function SeenDevicePage() {
	const { t } = useTranslation();
	const { seen: id } = route.useParams();
	const sees = useMay("quarantine.read");
	const proposes = useMay("devices.propose");
	const seen = useQuery({ ...seenDeviceQuery(id), enabled: sees });
	return (
		<div className="page">
			<Link to="/devices">{t("agent.back")}</Link>
			{sees ? (
				<Loaded query={seen}>
					{(device) => (
						<>
							<div className="page-head">
								<h1 className="wrap">{device.address}</h1>
								<span className="dim">{t("onboarding.notConfigured")}</span>
							</div>
							<Said device={device} />
							{proposes ? <AddForm key={device.id} device={device} /> : <Empty title={t("onboarding.mayNot")} hint={t("error.forbiddenText")} />}
						</>
					)}
				</Loaded>
			) : (
				<Empty title={t("error.forbidden")} hint={t("error.forbiddenText")} />
			)}
		</div>
	);
}

/** What it could be in the site, with what it said last. */
function AddForm({ device }: { device: SeenDeviceDetails }) {
	const format = useFormat();
	const channels = new Map(device.channels.map(({ channel, ...said }) => [channel, said]));
	const says = (source: string) => {
		const { value = null, unit = null } = channels.get(source) ?? {};
		const text = typeof value === "number" ? format.number(value) : String(value ?? "–");
		return { unit, value: value === null || unit === null ? text : `${text} ${unit}` };
	};
	return <DeviceForm initial={draftOf(device)} says={says} />;
}

/** What it has said of itself, and its last message. Payloads are shown as text and as nothing else. */
function Said({ device }: { device: SeenDeviceDetails }) {
	const { t } = useTranslation();
	const dialectName = useDialectName();
	const format = useFormat();
	const facts: [string, string][] = [
		[t("onboarding.speaks"), dialectName(device.profile)],
		[t("onboarding.agent"), device.agent],
		[t("onboarding.messages"), format.number(device.messages)],
		...Object.entries(device.info),
		...(device.doors.length > 0 ? [[t("onboarding.doors"), device.doors.join(", ")] as [string, string]] : []),
	];
	return (
		<section className="panel" aria-labelledby="seen-said">
			<div className="panel-head">
				<h2 id="seen-said">{t("onboarding.said")}</h2>
			</div>
			<div className="panel-body stack">
				<dl className="facts">
					<FactRows facts={facts} />
					<div>
						<dt>{t("onboarding.first")}</dt>
						<dd>
							<When at={device.firstSeen} />
						</dd>
					</div>
					<div>
						<dt>{t("onboarding.last")}</dt>
						<dd>
							<When at={device.lastSeen} />
						</dd>
					</div>
				</dl>
				<div>
					<h3 className="wrap">{t("onboarding.lastMessage", { topic: device.topic })}</h3>
					{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
					<code className="payload payload-wide" tabIndex={0}>
						{device.payload}
					</code>
				</div>
			</div>
		</section>
	);
}
