import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { createToken, revokeToken, tokensQuery } from "../../api/session.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { CopyButton } from "../session/CopyButton.tsx";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** One's own tokens for programs: made, shown once, revoked. */
export function Tokens() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const tokens = useQuery(tokensQuery);
	const [name, setName] = useState("");
	const [days, setDays] = useState("90");
	const [made, setMade] = useState<string | null>(null);
	const create = useAct(createToken, ["tokens"], ({ token }) => {
		setMade(token);
		setName("");
	});
	const revoke = useAct(revokeToken, ["tokens"]);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!create.pending) create.run({ name: name.trim(), days: Number(days) });
	};
	return (
		<section className="panel" aria-label={t("people.tokens")}>
			<div className="panel-head">
				<h2>{t("people.tokens")}</h2>
			</div>
			<div className="panel-body stack">
				<form className="filters" onSubmit={submit}>
					<TextInput label={t("people.tokenName")} required maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} />
					<TextInput
						label={t("people.days")}
						type="number"
						min={1}
						max={365}
						required
						value={days}
						onChange={(event) => setDays(event.currentTarget.value)}
					/>
					<Button type="submit" variant="default" loading={create.pending}>
						{t("people.createToken")}
					</Button>
				</form>
				<FormError text={textOf(create.error ?? revoke.error)} />
				{made !== null && (
					<div role="status" className="note stack">
						<p>{t("people.tokenOnce")}</p>
						<p className="secret" data-testid="new-token">
							{made}
						</p>
						<CopyButton text={made} />
					</div>
				)}
			</div>
			<div className="table-scroll">
				<Loaded query={tokens} rows={2}>
					{({ items }) =>
						items.length === 0 ? (
							<Empty title={t("people.noTokens")} />
						) : (
							<table className="plain-table">
								<thead>
									<tr>
										<th scope="col">{t("people.tokenName")}</th>
										<th scope="col">{t("people.expires")}</th>
										<th scope="col" className="only-wide-cell">
											{t("people.lastUsed")}
										</th>
										<th scope="col">{t("people.action")}</th>
									</tr>
								</thead>
								<tbody>
									{items.map((token) => (
										<tr key={token.id}>
											<td className="wrap">{token.name}</td>
											<td>
												<When at={token.expiresAt} />
											</td>
											<td className="only-wide-cell">
												<When at={token.lastUsedAt} />
											</td>
											<td>
												<Button size="xs" variant="default" onClick={() => revoke.run(token.id)}>
													{t("people.revoke")}
												</Button>
											</td>
										</tr>
									))}
								</tbody>
							</table>
						)
					}
				</Loaded>
			</div>
			{create.dialog}
			{revoke.dialog}
		</section>
	);
}
