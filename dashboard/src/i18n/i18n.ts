import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en, type Texts } from "./en.ts";

declare module "i18next" {
	interface CustomTypeOptions {
		resources: { translation: Texts };
	}
}

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];
/** Each language's own name for itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

/** Sets the texts up in `language`. */
export async function startTexts(language: Language): Promise<void> {
	await i18next.use(initReactI18next).init({
		lng: "en",
		fallbackLng: "en",
		resources: { en: { translation: en } },
		interpolation: { escapeValue: false },
	});
	await changeLanguage(language);
}

/** Switches every text; other languages than English are loaded when they are first wanted. */
export async function changeLanguage(language: Language): Promise<void> {
	if (language === "zh" && !i18next.hasResourceBundle("zh", "translation")) {
		const [{ zh }, { serverWords }] = await Promise.all([import("./zh.ts"), import("./zh/server.ts")]);
		i18next.addResourceBundle("zh", "translation", zh);
		i18next.addResourceBundle("zh", "server", serverWords);
	}
	await i18next.changeLanguage(language);
	document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
