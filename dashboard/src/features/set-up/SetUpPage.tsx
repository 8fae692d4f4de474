import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { finishSetUp, sessionQuery, setUpQuery } from "../../api/session.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Loaded } from "../../ui/Loaded.tsx";
import { StartFrame } from "../session/StartFrame.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

const route = getRouteApi("/set-up/$token");

/** Where a one-time link leads: choose a password; the second factor comes next by itself. */
export function SetUpPage() {
	const { t } = useTranslation();
	const { token } = route.useParams();
	const view = useQuery(setUpQuery(token));
	return (
		<StartFrame title={t("session.setUp")}>
			<Loaded query={view} rows={4}>
				{({ purpose, username }) => <SetUpForm token={token} first={purpose === "first-administrator"} known={username} />}
			</Loaded>
		</StartFrame>
	);
}

function SetUpForm({ token, first, known }: { token: string; first: boolean; known: string | null }) {
	const { t } = useTranslation();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const textOf = useProblemText();
	const [username, setUsername] = useState(known ?? "");
	const [name, setName] = useState("");
	const [password, setPassword] = useState("");
	const begin = useRef<HTMLInputElement>(null);
	useEffect(() => begin.current?.focus(), []);
	const finish = useMutation({
		mutationFn: () => finishSetUp(token, { password, ...(known === null ? { username: username.trim(), name: name.trim() } : {}) }),
		onSuccess: async () => {
			await queries.resetQueries({ queryKey: sessionQuery.queryKey });
			await navigate({ to: "/log-in", replace: true });
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!finish.isPending) finish.mutate();
	};
	return (
		<form onSubmit={submit} className="dialog-form" data-testid="set-up">
			<p>{first ? t("session.setUpFirst") : t("session.setUpNew", { name: known ?? "" })}</p>
			<FormError text={textOf(finish.error)} />
			{known === null ? (
				<>
					<TextInput
						ref={begin}
						label={t("session.username")}
						autoComplete="username"
						required
						value={username}
						onChange={(event) => setUsername(event.currentTarget.value)}
					/>
					<TextInput label={t("people.name")} autoComplete="name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
				</>
			) : (
				<input type="hidden" name="username" autoComplete="username" value={known} />
			)}
			<TextInput
				{...(known === null ? {} : { ref: begin })}
				label={t("session.newPassword")}
				description={t("session.passwordRules")}
				type="password"
				autoComplete="new-password"
				minLength={12}
				required
				value={password}
				onChange={(event) => setPassword(event.currentTarget.value)}
			/>
			<Button type="submit" className="primary" loading={finish.isPending}>
				{t("session.goOn")}
			</Button>
		</form>
	);
}
