import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CREDENTIAL_STATES, CREDENTIAL_TYPES, credentialStateSchema, credentialTypeSchema } from "../../../../contracts/access.ts";
import { CREDENTIALS_SHOWN, credentialListQuery } from "../../api/access.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useMay } from "../session/session-context.ts";
import { CredentialTable } from "./CredentialTable.tsx";
import "./access.css";

const route = getRouteApi("/access/credentials");
/** How long somebody types before it is searched for, ms. */
const PAUSE = 300;

/** Every card and every fingerprint, whoever has it. */
export function CredentialsPage() {
	const { t } = useTranslation();
	const search = route.useSearch();
	const navigate = route.useNavigate();
	const seesNumbers = useMay("access.card-numbers");
	const set = (change: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
	const filter = {
		state: credentialStateSchema.safeParse(search.state).data,
		type: credentialTypeSchema.safeParse(search.kind).data,
		number: seesNumbers && /^\d+$/.test(search.number ?? "") ? search.number : undefined,
	};
	const filtered = Object.values(filter).some((value) => value !== undefined);
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("register.pages.credentials")}</h1>
				<Link to="/access/holders">{t("register.allHolders")}</Link>
			</div>
			<div className="filters">
				{seesNumbers && <NumberSearch value={search.number ?? ""} onSearch={(number) => set({ number: number || undefined })} />}
				<NativeSelect
					aria-label={t("register.state")}
					value={filter.state ?? ""}
					data={[
						{ value: "", label: t("register.anyState") },
						...CREDENTIAL_STATES.map((state) => ({ value: state, label: t(`register.states.${state}`) })),
					]}
					onChange={(event) => set({ state: event.currentTarget.value || undefined })}
				/>
				<NativeSelect
					aria-label={t("register.credentialKind")}
					value={filter.type ?? ""}
					data={[
						{ value: "", label: t("register.credentials") },
						...CREDENTIAL_TYPES.map((type) => ({ value: type, label: t(`register.credentialTypes.${type}`) })),
					]}
					onChange={(event) => set({ kind: event.currentTarget.value || undefined })}
				/>
			</div>
			<section className="panel table-scroll" aria-label={t("register.pages.credentials")}>
				<Loaded query={useQuery(credentialListQuery(filter))} rows={12}>
					{(list) =>
						list.length === 0 ? (
							<Empty title={t(filtered ? "register.noneFound" : "register.noCredentialsAtAll")}>
								{filtered && (
									<Button size="xs" variant="default" onClick={() => set({ number: undefined, state: undefined, kind: undefined })}>
										{t("register.clearFilters")}
									</Button>
								)}
							</Empty>
						) : (
							<>
								<CredentialTable credentials={list} ofMany />
								{list.length === CREDENTIALS_SHOWN && <p className="note">{t("register.firstOnly", { count: CREDENTIALS_SHOWN })}</p>}
							</>
						)
					}
				</Loaded>
			</section>
		</div>
	);
}

/** Digits of a card's number; what is typed is searched for after a pause. */
function NumberSearch({ value, onSearch }: { value: string; onSearch: (number: string) => void }) {
	const { t } = useTranslation();
	const [typed, setTyped] = useState(value);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	useEffect(() => setTyped(value), [value]);
	useEffect(() => () => clearTimeout(timer.current), []);
	const type = (digits: string) => {
		setTyped(digits);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => onSearch(digits), PAUSE);
	};
	return (
		<TextInput
			type="search"
			inputMode="numeric"
			aria-label={t("register.searchNumber")}
			placeholder={t("register.searchNumber")}
			maxLength={15}
			value={typed}
			onChange={(event) => type(event.currentTarget.value.replaceAll(/\D/g, ""))}
		/>
	);
}
