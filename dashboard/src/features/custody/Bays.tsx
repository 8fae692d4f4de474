import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BatchView } from "../../../../contracts/media-orders.ts";
import { accountForBay, MEDIA_KEYS } from "../../api/custody.ts";
import { Empty } from "../../ui/Loaded.tsx";
import { BecauseDialog } from "../session/BecauseDialog.tsx";
import { useMay } from "../session/session-context.ts";
import { RegisterDialog } from "./RegisterDialog.tsx";

type Bay = BatchView["bays"][number];
const ORDER: Readonly<Record<Bay["content"], number>> = { unknown: 0, empty: 1, medium: 2 };

/** The bays of the decommissioned servers: each held a medium, or somebody says that it was empty. */
export function Bays({ order }: { order: BatchView }) {
	const { t } = useTranslation();
	const open = order.state === "open";
	const [handles, manages] = [useMay("media.handle") && open, useMay("media.manage") && open];
	const [acting, setActing] = useState<{ bay: Bay; act: "empty" | "register" } | null>(null);
	const bays = [...order.bays].sort((one, other) => ORDER[one.content] - ORDER[other.content]);
	const unknown = bays.filter(({ content }) => content === "unknown").length;
	const close = () => setActing(null);
	return (
		<section className="panel table-scroll" aria-labelledby="bays">
			<div className="panel-head">
				<h2 id="bays">{t("custody.bays")}</h2>
				<span data-testid="bays-open" data-count={unknown}>
					{bays.length > 0 && (unknown > 0 ? t("custody.baysOpen", { count: unknown }) : t("custody.baysDone"))}
				</span>
			</div>
			{bays.length === 0 ? (
				<Empty title={t("custody.noBays")} />
			) : (
				<table className="plain-table">
					<caption className="visually-hidden">{t("custody.bays")}</caption>
					<thead>
						<tr>
							<th scope="col">{t("custody.bay")}</th>
							<th scope="col">{t("custody.content")}</th>
							{handles && unknown > 0 && <th scope="col">{t("people.action")}</th>}
						</tr>
					</thead>
					<tbody>
						{bays.map((bay) => (
							<tr key={JSON.stringify([bay.asset, bay.bay])} data-testid="bay-row" data-content={bay.content}>
								<th scope="row" className="wrap">
									{bay.asset}, {bay.bay}
								</th>
								<td className={bay.content === "unknown" ? "" : "dim"}>
									{bay.medium === null ? (
										t(`custody.contents.${bay.content}`)
									) : (
										<Link to="/media/$medium" params={{ medium: bay.medium }}>
											{t("custody.contents.medium")}
										</Link>
									)}
									{bay.note !== null && `: ${bay.note}`}
								</td>
								{handles && unknown > 0 && (
									<td>
										{bay.content === "unknown" && (
											<div className="actions">
												{manages && (
													<Button size="xs" variant="default" onClick={() => setActing({ bay, act: "register" })}>
														{t("custody.registerOf")}
													</Button>
												)}
												<Button size="xs" variant="default" onClick={() => setActing({ bay, act: "empty" })}>
													{t("custody.foundEmpty")}
												</Button>
											</div>
										)}
									</td>
								)}
							</tr>
						))}
					</tbody>
				</table>
			)}
			{acting?.act === "register" && <RegisterDialog order={order} bay={acting.bay} onClose={close} />}
			{acting?.act === "empty" && (
				<BecauseDialog
					title={t("custody.foundEmpty")}
					subject={`${acting.bay.asset}, ${acting.bay.bay}`}
					label={t("custody.emptyNote")}
					testId="empty-bay"
					act={accountForBay}
					input={(note) => ({ batch: order.id, asset: acting.bay.asset, bay: acting.bay.bay, note })}
					renews={MEDIA_KEYS}
					onClose={close}
				/>
			)}
		</section>
	);
}
