import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Occupancy } from "../../../../contracts/access.ts";
import { correctPlace, occupancyQuery } from "../../api/access.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { useFormat, useSite } from "../../ui/site-context.ts";
import { BecauseDialog } from "../session/BecauseDialog.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import "./access.css";

type Person = Occupancy["zones"][number]["people"][number];

/** Everybody who is inside, zone by zone: to be read out, printed, and put right. */
export function MusterPage() {
	const { t } = useTranslation();
	const site = useSite();
	const format = useFormat();
	const { user } = useSession();
	const corrects = useMay("occupancy.correct");
	const [correcting, setCorrecting] = useState<Person | null>(null);
	const [room, setRoom] = useState("");
	const door = (id: string) => site.doors.find((one) => one.id === id)?.name ?? id;
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("register.pages.muster")}</h1>
				<Button size="xs" variant="default" onClick={() => window.print()}>
					{t("register.print")}
				</Button>
			</div>
			<Loaded query={useQuery(occupancyQuery)} rows={10}>
				{({ zones, uncertain, at }) => (
					<>
						<dl className="print-only facts" data-testid="muster-printed">
							<div>
								<dt>{t("app.site")}</dt>
								<dd>{site.name}</dd>
							</div>
							<div>
								<dt>{t("register.countedAt")}</dt>
								<dd>
									{format.moment(Date.parse(at))} {format.zoneName(Date.parse(at))}
								</dd>
							</div>
							<div>
								<dt>{t("register.printedBy")}</dt>
								<dd>{user.name}</dd>
							</div>
						</dl>
						<p className="muster-total" role="status">
							{t("register.inside", { count: zones.reduce((sum, { count }) => sum + count, 0) })}
						</p>
						{zones.some(({ people }) => people.some(({ exit }) => exit?.probable)) && <p className="note">{t("register.leftUnseen")}</p>}
						{uncertain.length > 0 && <p className="note is-abnormal">{t("register.uncertain", { doors: uncertain.map(door).join(", ") })}</p>}
						<div className="muster">
							{zones.map(({ zone, name, count, people }) => (
								<section key={zone} className="panel" aria-label={name} data-testid="muster-zone" data-zone={zone}>
									<div className="panel-head">
										<h2>{name}</h2>
										<span className={count > 0 ? "muster-count" : "dim"}>{count}</span>
									</div>
									{people.length === 0 ? (
										<p className="panel-body dim">{t("register.nobody")}</p>
									) : (
										<ul className="muster-people">
											{people.map((person) => (
												<li key={`${person.holder.id} ${person.since}`} data-testid="muster-person">
													<span className="muster-name">{person.holder.name}</span>
													<span className="dim">
														{t(`register.holderKinds.${person.kind}`)} <AgeText at={Date.parse(person.since)} />
													</span>
													{person.exit && (
														<span className="muster-exit" data-testid="muster-exit" data-probable={person.exit.probable}>
															{t(person.exit.probable ? "register.hasLeft" : "register.mayHaveLeft", { door: door(person.exit.door) })}{" "}
															<AgeText at={Date.parse(person.exit.at)} />
														</span>
													)}
													{corrects && (
														<Button
															size="xs"
															variant="default"
															onClick={() => {
																setRoom("");
																setCorrecting(person);
															}}
														>
															{t("register.correct")}
														</Button>
													)}
												</li>
											))}
										</ul>
									)}
								</section>
							))}
						</div>
					</>
				)}
			</Loaded>
			{correcting && (
				<BecauseDialog
					title={t("register.correct")}
					subject={correcting.holder.name}
					act={correctPlace}
					input={(reason) => ({ holder: correcting.holder.id, room: room === "" ? null : room, reason })}
					renews={["occupancy"]}
					onClose={() => setCorrecting(null)}
				>
					<NativeSelect
						label={t("register.isIn")}
						value={room}
						data={[{ value: "", label: t("door.outside") }, ...site.rooms.map(({ id, name }) => ({ value: id, label: name }))]}
						onChange={(event) => setRoom(event.currentTarget.value)}
					/>
				</BecauseDialog>
			)}
		</div>
	);
}
