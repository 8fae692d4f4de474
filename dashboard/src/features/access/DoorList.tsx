import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { doorsQuery } from "../../api/queries.ts";
import { useReading } from "../../live/live-context.ts";
import { AgeText } from "../../ui/AgeText.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { PointValue } from "../../ui/PointValue.tsx";
import { useSite } from "../../ui/site-context.ts";

/** Every door with its state; each leads to its page. */
export function DoorList() {
	const { t } = useTranslation();
	const site = useSite();
	const doors = useQuery(doorsQuery);
	const points = new Map(site.doors.map((door) => [door.id, door.point]));
	const room = (id: string) => site.rooms.find((one) => one.id === id)?.name ?? (id === "outside" ? t("door.outside") : id);
	return (
		<section className="panel" aria-labelledby="doors">
			<div className="panel-head">
				<h2 id="doors">{t("door.list")}</h2>
			</div>
			<Loaded query={doors} rows={8}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("door.none")} />
					) : (
						<div className="table-scroll">
							<table className="plain-table">
								<caption className="visually-hidden">{t("door.list")}</caption>
								<thead>
									<tr>
										<th scope="col">{t("door.name")}</th>
										<th scope="col">{t("door.state")}</th>
										<th scope="col">{t("door.factors")}</th>
									</tr>
								</thead>
								<tbody>
									{list.map((door) => (
										<tr key={door.id} data-testid={`door-row-${door.id}`}>
											<th scope="row">
												<Link to="/access/doors/$door" params={{ door: door.id }}>
													{door.name}
												</Link>
												<div className="dim">
													{room(door.from)} – {room(door.to)}
												</div>
											</th>
											<td>
												<DoorState point={points.get(door.id) ?? ""} />
											</td>
											<td>{t(`door.${door.factors}`)}</td>
										</tr>
									))}
								</tbody>
							</table>
						</div>
					)
				}
			</Loaded>
		</section>
	);
}

function DoorState({ point }: { point: string }) {
	const live = useReading(point);
	return (
		<>
			<PointValue point={{ id: point, unit: null }} age={false} />
			{live.ts !== null && (
				<div>
					<AgeText at={live.ts} />
				</div>
			)}
		</>
	);
}
