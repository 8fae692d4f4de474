import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { type AuditLineView, auditResultSchema, auditTagSchema } from "../../../../contracts/audit.ts";
import { auditQuery } from "../../api/evidence.ts";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { moveBetweenRows } from "../../ui/list-keys.ts";
import { usePreference } from "../../ui/preferences.ts";
import { When } from "../../ui/When.tsx";

const route = getRouteApi("/audit");
const TEXT_FIELDS = ["user", "operation", "object", "text"] as const;

/** A day in UTC as an instant; what isn't a date is left out. */
function instantOf(day: string | undefined, end: boolean): string | undefined {
	const at = Date.parse(`${day ?? ""}T00:00:00Z`);
	return Number.isNaN(at) ? undefined : new Date(at + (end ? 86_400_000 : 0)).toISOString();
}

/** The search and its results. */
export function AuditLines() {
	const { t } = useTranslation();
	const { tab: _, line, from, to, ...search } = route.useSearch();
	const navigate = route.useNavigate();
	const lines = useInfiniteQuery(auditQuery({ ...search, from: instantOf(from, false), to: instantOf(to, true) }));
	const submit = (event: FormEvent<HTMLFormElement>) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const value = (name: string) => {
			const entry = form.get(name);
			return typeof entry === "string" && entry.trim() !== "" ? entry.trim() : undefined;
		};
		const names = ["from", "to", "tag", "result", ...TEXT_FIELDS];
		void navigate({ search: Object.fromEntries(names.map((name) => [name, value(name)])) });
	};
	return (
		<>
			<form className="filters" onSubmit={submit} aria-label={t("audit.search")}>
				<TextInput type="date" label={t("trend.from")} name="from" defaultValue={from ?? ""} />
				<TextInput type="date" label={t("trend.to")} name="to" defaultValue={to ?? ""} />
				{TEXT_FIELDS.map((name) => (
					<TextInput key={name} label={t(`audit.${name}`)} name={name} defaultValue={search[name] ?? ""} />
				))}
				<NativeSelect
					label={t("audit.tag")}
					name="tag"
					defaultValue={search.tag ?? ""}
					data={[{ value: "", label: t("alarm.any") }, ...auditTagSchema.options.map((value) => ({ value, label: t(`audit.tags.${value}`) }))]}
				/>
				<NativeSelect
					label={t("audit.result")}
					name="result"
					defaultValue={search.result ?? ""}
					data={[{ value: "", label: t("alarm.any") }, ...auditResultSchema.options.map((value) => ({ value, label: t(`audit.results.${value}`) }))]}
				/>
				<Button type="submit" className="primary">
					{t("audit.search")}
				</Button>
			</form>
			<Loaded query={lines} rows={12}>
				{({ pages }) => {
					const items = pages.flatMap((page) => page.items);
					const selected = items.find(({ id }) => id === line);
					const searchedTo = pages.at(-1)?.searchedTo ?? null;
					return (
						<div className={selected ? "list-and-detail" : ""}>
							<section className="panel table-scroll" aria-label={t("audit.tabs.lines")}>
								{items.length === 0 ? (
									<Empty title={t("audit.none")} />
								) : (
									<LineTable lines={items} selected={line} onOpen={(id) => void navigate({ search: (before) => ({ ...before, line: id }) })} />
								)}
								{lines.hasNextPage && (
									<p className="panel-more">
										{searchedTo !== null && (
											<span className="dim">
												{t("audit.searchedTo")} <When at={searchedTo} />{" "}
											</span>
										)}
										<Button size="xs" variant="default" loading={lines.isFetchingNextPage} onClick={() => void lines.fetchNextPage()}>
											{t("alarm.loadMore")}
										</Button>
									</p>
								)}
							</section>
							{selected && <LineDetails line={selected} onClose={() => void navigate({ search: (before) => ({ ...before, line: undefined }) })} />}
						</div>
					);
				}}
			</Loaded>
		</>
	);
}

function LineTable({ lines, selected, onOpen }: { lines: readonly AuditLineView[]; selected: string | undefined; onOpen: (id: string) => void }) {
	const { t } = useTranslation();
	const singleKeys = usePreference((preferences) => preferences.shortcuts);
	return (
		<table className="plain-table" onKeyDown={(event) => void moveBetweenRows(event, singleKeys)}>
			<caption className="visually-hidden">{t("audit.tabs.lines")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("audit.at")}</th>
					<th scope="col">{t("audit.operation")}</th>
					<th scope="col">{t("audit.user")}</th>
					<th scope="col">{t("audit.result")}</th>
					<th scope="col" className="only-wide-cell">
						{t("audit.object")}
					</th>
					<th scope="col" className="only-wide-cell">
						{t("people.address")}
					</th>
				</tr>
			</thead>
			<tbody>
				{lines.map((line) => (
					<tr key={line.id} data-testid="audit-row" aria-current={selected === line.id ? "true" : undefined}>
						<td>
							<When at={line.at} />
						</td>
						<td>
							<button type="button" className="text-button wrap" data-row onClick={() => onOpen(line.id)}>
								{line.operation}
							</button>
							{line.highRisk && <span className="tag">{t("audit.highRisk")}</span>}
							{!line.intact && <span className="tag is-abnormal">{t("audit.tampered")}</span>}
						</td>
						<td className="wrap">{line.username ?? "–"}</td>
						<td className={line.result === "ok" ? "dim" : "is-abnormal"}>{t(`audit.results.${line.result}`)}</td>
						<td className="dim wrap only-wide-cell">{line.object ? `${line.object.type}:${line.object.id}` : "–"}</td>
						<td className="dim only-wide-cell">{line.address ?? "–"}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function LineDetails({ line, onClose }: { line: AuditLineView; onClose: () => void }) {
	const { t } = useTranslation();
	return (
		<section className="panel detail" aria-label={t("audit.details")}>
			<div className="panel-head">
				<h2>{line.operation}</h2>
				<button type="button" className="icon-button" aria-label={t("alarm.close")} onClick={onClose}>
					×
				</button>
			</div>
			<div className="panel-body">
				<pre className="pre">{JSON.stringify(line, null, 2)}</pre>
			</div>
		</section>
	);
}
