import { createContext, useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SiteView } from "../../../contracts/api.ts";
import { createFormat, type Format } from "../i18n/format.ts";

export const SiteContext = createContext<SiteView | null>(null);

/** The site on the screen; only below the shell, which waits for it. */
export function useSite(): SiteView {
	const site = useContext(SiteContext);
	if (!site) throw new Error("useSite outside of SiteContext");
	return site;
}

export const FormatContext = createContext<Format | null>(null);

/** Numbers and times in the user's language and the site's time zone. */
export function useFormat(): Format {
	const given = useContext(FormatContext);
	const { i18n } = useTranslation();
	return useMemo(() => given ?? createFormat(i18n.language, "UTC"), [given, i18n.language]);
}
