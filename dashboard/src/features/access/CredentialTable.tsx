import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CredentialView } from "../../../../contracts/access.ts";
import { useFormat } from "../../ui/site-context.ts";
import { When } from "../../ui/When.tsx";
import { useMay } from "../session/session-context.ts";
import { CredentialDialog } from "./CredentialDialog.tsx";

/** Cards and fingerprints with their states, which may be changed here. `ofMany`: of several people, so that each row says whose. */
export function CredentialTable({ credentials, ofMany = false }: { credentials: readonly CredentialView[]; ofMany?: boolean }) {
	const { t } = useTranslation();
	const format = useFormat();
	const manages = useMay("holders.manage");
	const seesPeople = useMay("access.personal");
	const [changing, setChanging] = useState<CredentialView | null>(null);
	const until = ({ until: end }: CredentialView) => (end === null ? t("register.noEnd") : format.moment(Date.parse(end)));
	return (
		<>
			<table className="plain-table">
				<caption className="visually-hidden">{t("register.credentials")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("register.credential")}</th>
						{ofMany && <th scope="col">{t("register.holder")}</th>}
						<th scope="col" className="only-wide-cell">
							{t("register.state")}
						</th>
						<th scope="col" className="only-wide-cell">
							{t("register.validUntil")}
						</th>
						<th scope="col" className="only-wide-cell">
							{t("register.lastUsed")}
						</th>
						{manages && <th scope="col">{t("people.action")}</th>}
					</tr>
				</thead>
				<tbody>
					{credentials.map((credential) => (
						<tr key={credential.id} data-testid="credential-row" data-type={credential.type} data-state={credential.state}>
							<th scope="row">
								{credential.card ?? (
									<>
										{t("register.fingerprint")} <span className="dim">{credential.fingerprint}</span>
									</>
								)}
								<div className="only-narrow">
									<State credential={credential} />
									<div className="dim">
										{t("register.validUntil")}: {until(credential)}
									</div>
								</div>
							</th>
							{ofMany && (
								<td>
									{seesPeople ? (
										<Link to="/access/holders/$holder" params={{ holder: credential.holder.id }} preload={false}>
											{credential.holder.name}
										</Link>
									) : (
										credential.holder.name
									)}
								</td>
							)}
							<td className="only-wide-cell">
								<State credential={credential} />
							</td>
							<td className="dim only-wide-cell">{until(credential)}</td>
							<td className="dim only-wide-cell">
								<When at={credential.lastUsedAt} />
							</td>
							{manages && (
								<td>
									{credential.state !== "returned" && (
										<Button size="xs" variant="default" onClick={() => setChanging(credential)}>
											{t("register.changeState")}
										</Button>
									)}
								</td>
							)}
						</tr>
					))}
				</tbody>
			</table>
			{changing && <CredentialDialog credential={changing} onClose={() => setChanging(null)} />}
		</>
	);
}

function State({ credential: { state, stateReason } }: { credential: CredentialView }) {
	const { t } = useTranslation();
	return (
		<>
			<span className={state === "active" ? "" : state === "returned" ? "dim" : "is-abnormal"}>{t(`register.states.${state}`)}</span>{" "}
			<span className="dim">{stateReason}</span>
		</>
	);
}
