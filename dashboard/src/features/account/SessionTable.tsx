import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { z } from "zod";
import type { sessionEntrySchema } from "../../../../contracts/identity.ts";
import { Empty } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";

/** Log-ins that are not over; without `onEnd` they can only be looked at. */
export function SessionTable({ sessions, onEnd }: { sessions: readonly z.infer<typeof sessionEntrySchema>[]; onEnd?: (id: string) => void }) {
	const { t } = useTranslation();
	if (sessions.length === 0) return <Empty title={t("people.noSessions")} />;
	return (
		<table className="plain-table">
			<caption className="visually-hidden">{t("people.sessions")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("people.lastUsed")}</th>
					<th scope="col" className="only-wide-cell">
						{t("people.begun")}
					</th>
					<th scope="col">{t("people.address")}</th>
					<th scope="col" className="only-wide-cell">
						{t("people.browser")}
					</th>
					<th scope="col">{t("people.action")}</th>
				</tr>
			</thead>
			<tbody>
				{sessions.map((session) => (
					<tr key={session.id} data-testid="session-row">
						<td>
							<When at={session.lastUsedAt} />
						</td>
						<td className="only-wide-cell">
							<When at={session.createdAt} />
						</td>
						<td className="wrap">{session.address ?? "–"}</td>
						<td className="dim wrap only-wide-cell">{session.userAgent ?? "–"}</td>
						<td>
							{session.current ? (
								<span className="dim">{t("people.current")}</span>
							) : (
								onEnd && (
									<Button size="xs" variant="default" onClick={() => onEnd(session.id)}>
										{t("people.end")}
									</Button>
								)
							)}
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
