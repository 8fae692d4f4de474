import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { devicesQuery } from "../../api/queries.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { AgentStrip } from "./AgentStrip.tsx";
import { DeviceTable } from "./DeviceTable.tsx";
import { compareDevices, deviceFaults } from "./device-health.ts";
import { RestingDevices } from "./RestingDevices.tsx";
import { SeenDevices } from "./SeenDevices.tsx";
import "./devices.css";

const route = getRouteApi("/devices");

/** All agents and devices, those that need a look first. */
export function DevicesPage() {
	const { t } = useTranslation();
	const devices = useQuery(devicesQuery);
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const text = (search.search ?? "").toLowerCase();
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("device.title")}</h1>
			</div>
			<AgentStrip />
			<div className="filters">
				<TextInput
					type="search"
					aria-label={t("device.search")}
					placeholder={t("device.search")}
					value={search.search ?? ""}
					onChange={(event) => {
						const value = event.currentTarget.value || undefined;
						void navigate({ search: (before) => ({ ...before, search: value }), replace: true });
					}}
				/>
				<label className="check">
					<input
						type="checkbox"
						checked={search.abnormal !== undefined}
						onChange={(event) => {
							const abnormal = event.currentTarget.checked ? "yes" : undefined;
							void navigate({ search: (before) => ({ ...before, abnormal }), replace: true });
						}}
					/>
					{t("device.abnormalOnly")}
				</label>
			</div>
			<section className="panel" aria-label={t("device.list")}>
				<Loaded query={devices} rows={12}>
					{(list) => {
						const shown = list
							.filter((device) => search.abnormal === undefined || deviceFaults(device).size > 0)
							.filter((device) => text === "" || `${device.id} ${device.name} ${device.kind} ${device.location}`.toLowerCase().includes(text))
							.sort(compareDevices);
						return shown.length === 0 ? (
							<Empty title={list.length === 0 ? t("device.none") : t("device.noneFiltered")} />
						) : (
							<DeviceTable devices={shown} />
						);
					}}
				</Loaded>
			</section>
			<SeenDevices />
			<RestingDevices />
		</div>
	);
}
