import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ProblemError } from "../api/problem-error.ts";
import { problemText, useServerWords } from "../i18n/server-words.ts";

/** Grey bars in the place of what is being loaded. */
export function Loading({ rows = 6 }: { rows?: number }) {
	const { t } = useTranslation();
	return (
		<div role="status" className="state-loading">
			<span className="visually-hidden">{t("app.loading")}</span>
			{Array.from({ length: rows }, (_, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: bars are all alike
				<Skeleton key={row} height={22} animate={false} />
			))}
		</div>
	);
}

/** Nothing to show, and why that is so. */
export function Empty({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
	return (
		<div className="state-empty">
			<p className="state-title">{title}</p>
			{hint && <p>{hint}</p>}
			{children}
		</div>
	);
}

/** What went wrong, with the number that finds it in the server's log and a way to try again. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
	const { t } = useTranslation();
	const words = useServerWords();
	const problem = error instanceof ProblemError ? error : null;
	if (problem?.status === 403 || problem?.status === 401) return <Empty title={t("error.forbidden")} hint={t("error.forbiddenText")} />;
	const text = problem?.code === "unreachable" ? t("error.unreachable") : problemText(words, error);
	return (
		<div className="state-failed" role="alert">
			<p className="state-title">{problem?.status === 404 ? t("error.notFound") : t("error.title")}</p>
			<p>{text}</p>
			{problem?.id && <p className="dim">{t("error.id", { id: problem.id })}</p>}
			<Button size="xs" variant="default" onClick={retry}>
				{t("error.retry")}
			</Button>
		</div>
	);
}

/** Shows the answer of a query, or that it is on its way or failed. An answer that a refresh failed to renew stays, and says so. */
export function Loaded<T>(props: {
	query: { data: T | undefined; error: unknown; refetch: () => unknown };
	rows?: number;
	children: (data: T) => ReactNode;
}) {
	const { t } = useTranslation();
	const { data, error, refetch } = props.query;
	const forbidden = error instanceof ProblemError && error.status === 403;
	if (data === undefined || forbidden) return error ? <Failed error={error} retry={() => void refetch()} /> : <Loading rows={props.rows ?? 6} />;
	return (
		<>
			{error ? <p className="state-old">{t("error.stale")}</p> : null}
			{props.children(data)}
		</>
	);
}
