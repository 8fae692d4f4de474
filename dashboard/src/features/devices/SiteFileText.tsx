import { useTranslation } from "react-i18next";

/** An added device as it would stand in the site file, to be taken over there. */
export function SiteFileText({ yaml }: { yaml: string }) {
	const { t } = useTranslation();
	return (
		<details data-testid="site-file-text">
			<summary>{t("onboarding.forFile")}</summary>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
			<pre className="pre" tabIndex={0}>
				{yaml}
			</pre>
		</details>
	);
}
