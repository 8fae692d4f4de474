import "../../../zod-settings.ts";

import { createTheme, MantineProvider } from "@mantine/core";
import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/Input.css";
import "../../../ui/theme.css";
import "../../../ui/ui.css";
import "./work.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { startTexts } from "../../../i18n/i18n.ts";
import { createPreferences, PreferencesContext } from "../../../ui/preferences.ts";
import { DeviceStore } from "./device-store.ts";
import { NoStore, WorkApp } from "./WorkApp.tsx";

const theme = createTheme({ primaryColor: "gray", respectReducedMotion: true, fontFamily: "var(--font)", autoContrast: true });
const queries = new QueryClient({ defaultOptions: { queries: { networkMode: "always" }, mutations: { networkMode: "always" } } });
const preferences = createPreferences(localStorage, navigator.language);

const root = document.getElementById("root");
if (root) {
	const { language, theme: scheme } = preferences.getState();
	await startTexts(language);
	const store = await DeviceStore.open().catch(() => null);
	// Keeps the page itself on the device; without it there is no work without a network, but all else goes.
	if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/work-worker.js", { scope: "/work.html" }).catch(() => undefined);
	createRoot(root).render(
		<PreferencesContext value={preferences}>
			<MantineProvider theme={theme} forceColorScheme={scheme} withCssVariables={false} withGlobalClasses={false}>
				<QueryClientProvider client={queries}>{store ? <WorkApp store={store} /> : <NoStore />}</QueryClientProvider>
			</MantineProvider>
		</PreferencesContext>,
	);
}
