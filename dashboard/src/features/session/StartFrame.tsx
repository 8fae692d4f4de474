import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Settings } from "../shell/Settings.tsx";
import "./session.css";

/** The frame of the pages before the watched site: log-in, set-up. */
export function StartFrame({ title, children }: { title: string; children: ReactNode }) {
	const { t } = useTranslation();
	return (
		<main className="start-page">
			<div className="start-head">
				<span className="header-name">{t("app.name")}</span>
				<Settings />
			</div>
			<section className="panel start-panel">
				<h1>{title}</h1>
				{children}
			</section>
		</main>
	);
}
