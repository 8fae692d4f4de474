import "./zod-settings.ts";

import { createTheme, MantineProvider } from "@mantine/core";
import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/Skeleton.css";
import "./ui/theme.css";
import "./ui/ui.css";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { ProblemError } from "./api/problem-error.ts";
import { isSignedOut, sessionQuery } from "./api/session.ts";
import { startTexts } from "./i18n/i18n.ts";
import { createAppRouter } from "./router.tsx";
import { createPreferences, PreferencesContext, usePreference } from "./ui/preferences.ts";

const theme = createTheme({ primaryColor: "gray", respectReducedMotion: true, fontFamily: "var(--font)", cursorType: "pointer", autoContrast: true });

/** Whatever says that the session is over leads to the log-in. */
const onError = (error: unknown) => {
	if (isSignedOut(error)) queries.setQueryData(sessionQuery.queryKey, null);
};
const queries: QueryClient = new QueryClient({
	queryCache: new QueryCache({ onError }),
	mutationCache: new MutationCache({ onError }),
	defaultOptions: {
		queries: {
			retry: (failures, error) => failures < 2 && !(error instanceof ProblemError && error.status >= 400 && error.status < 500),
			// The live link decides when to fetch anew.
			refetchOnWindowFocus: false,
			refetchOnReconnect: false,
			networkMode: "always",
			staleTime: 5_000,
		},
		mutations: { networkMode: "always" },
	},
});
const preferences = createPreferences(localStorage, navigator.language);
const router = createAppRouter();

function Root() {
	const scheme = usePreference((state) => state.theme);
	return (
		<MantineProvider theme={theme} forceColorScheme={scheme} withCssVariables={false} withGlobalClasses={false}>
			<QueryClientProvider client={queries}>
				<RouterProvider router={router} />
			</QueryClientProvider>
		</MantineProvider>
	);
}

const root = document.getElementById("root");
if (root) {
	await startTexts(preferences.getState().language);
	createRoot(root).render(
		<PreferencesContext value={preferences}>
			<Root />
		</PreferencesContext>,
	);
}
