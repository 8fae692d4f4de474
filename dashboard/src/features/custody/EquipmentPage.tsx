import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EquipmentView } from "../../../../contracts/media-orders.ts";
import { equipmentQuery, retireMachine } from "../../api/custody.ts";
import { useNow } from "../../live/live-context.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { BecauseDialog } from "../session/BecauseDialog.tsx";
import { useMay } from "../session/session-context.ts";
import { AddMachineDialog } from "./AddMachineDialog.tsx";
import { AddRecordDialog } from "./AddRecordDialog.tsx";
import { Day } from "./Moment.tsx";
import "./custody.css";

/** Who plans a test wants to know this long before the last one runs out, ms. */
const SOON = 14 * 86_400_000;
/** What may not be used first, what is out of service last. */
const order = ({ unfit, retiredAt }: EquipmentView) => (retiredAt !== null ? 2 : unfit !== null ? 0 : 1);
type Asked = { act: "record" | "retire"; machine: EquipmentView };

/** The machines that destroy media, and whether they may be used now. */
export function EquipmentPage() {
	const { t } = useTranslation();
	const manages = useMay("media.manage");
	const [adding, setAdding] = useState(false);
	const [asked, setAsked] = useState<Asked | null>(null);
	const close = () => setAsked(null);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("custody.equipment")}</h1>
				{manages && (
					<Button size="xs" variant="default" onClick={() => setAdding(true)}>
						{t("custody.addMachine")}
					</Button>
				)}
			</div>
			<section className="panel table-scroll" aria-label={t("custody.equipment")}>
				<Loaded query={useQuery(equipmentQuery)} rows={5}>
					{(machines) =>
						machines.length === 0 ? (
							<Empty title={t("custody.noMachines")} hint={t("custody.noMachinesHint")} />
						) : (
							<table className="plain-table">
								<caption className="visually-hidden">{t("custody.equipment")}</caption>
								<thead>
									<tr>
										<th scope="col">{t("custody.machine")}</th>
										<th scope="col">{t("custody.measure")}</th>
										<th scope="col">{t("custody.inDate")}</th>
										<th scope="col" className="only-wide-cell">
											{t("custody.records")}
										</th>
										{manages && <th scope="col">{t("people.action")}</th>}
									</tr>
								</thead>
								<tbody>
									{[...machines]
										.sort((one, other) => order(one) - order(other))
										.map((machine) => (
											<MachineRow key={machine.id} machine={machine} onAct={manages ? (act) => setAsked({ act, machine }) : null} />
										))}
								</tbody>
							</table>
						)
					}
				</Loaded>
			</section>
			{adding && <AddMachineDialog onClose={() => setAdding(false)} />}
			{asked?.act === "record" && <AddRecordDialog machine={asked.machine} onClose={close} />}
			{asked?.act === "retire" && (
				<BecauseDialog
					title={t("custody.retire")}
					subject={asked.machine.name}
					act={retireMachine}
					input={(reason) => ({ id: asked.machine.id, reason })}
					renews={["media-equipment"]}
					onClose={close}
				/>
			)}
		</div>
	);
}

function MachineRow({ machine, onAct }: { machine: EquipmentView; onAct: ((act: Asked["act"]) => void) | null }) {
	const { t } = useTranslation();
	const format = useFormat();
	const { fieldOe, particleMm, version, retiredAt, unfit } = machine;
	const measure = [
		fieldOe !== null && t("custody.field", { value: format.number(fieldOe) }),
		particleMm !== null && t("custody.particle", { value: format.number(particleMm) }),
		version !== null && t("custody.version", { value: version }),
	].filter((one) => one !== false);
	return (
		<tr data-testid="machine-row" data-name={machine.name} data-fit={unfit === null} className={retiredAt === null ? "" : "dim"}>
			<th scope="row">
				{machine.name}
				<div className="dim">
					{t(`custody.machineKinds.${machine.kind}`)}, {machine.maker} {machine.model}, {machine.serial}
				</div>
			</th>
			<td>{measure.join(t("people.comma")) || "–"}</td>
			<td>
				<Fitness machine={machine} />
			</td>
			<td className="only-wide-cell">
				<Records machine={machine} />
			</td>
			{onAct && (
				<td>
					{retiredAt === null && (
						<div className="actions">
							<Button
								size="xs"
								variant="default"
								aria-label={t("custody.addRecordOf", { name: machine.name })}
								data-testid="add-record"
								onClick={() => onAct("record")}
							>
								{t("custody.addRecord")}
							</Button>
							<Button
								size="xs"
								variant="default"
								aria-label={t("custody.retireOf", { name: machine.name })}
								data-testid="retire"
								onClick={() => onAct("retire")}
							>
								{t("custody.retire")}
							</Button>
						</div>
					)}
				</td>
			)}
		</tr>
	);
}

function Fitness({ machine: { retiredAt, unfit, inDateUntil } }: { machine: EquipmentView }) {
	const { t } = useTranslation();
	const format = useFormat();
	const now = useNow();
	if (retiredAt !== null)
		return (
			<>
				{t("custody.retired")}, <Day at={retiredAt} />
			</>
		);
	if (unfit !== null) return <span className="is-abnormal">▲ {unfit}</span>;
	const left = inDateUntil === null ? 0 : Date.parse(inDateUntil) - now;
	return (
		<>
			{inDateUntil !== null && <Day at={inDateUntil} />}{" "}
			{left < SOON && <div className="is-soon">{t("custody.runsOut", { age: format.age(left) })}</div>}
		</>
	);
}

function Records({ machine: { records } }: { machine: EquipmentView }) {
	const { t } = useTranslation();
	if (records.length === 0) return <span className="dim">{t("custody.noRecords")}</span>;
	return (
		<ul>
			{[...records]
				.sort((one, other) => other.at.localeCompare(one.at))
				.map((record) => (
					<li key={record.id} className={record.passed ? "dim" : ""}>
						{t("custody.recordLine", { kind: t(`custody.recordKinds.${record.kind}`), by: record.by, reference: record.reference })}:{" "}
						{t(record.passed ? "custody.passed" : "custody.failed")}, <Day at={record.at} /> {t("custody.until")} <Day at={record.validUntil} />
					</li>
				))}
		</ul>
	);
}
