import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { sessionQuery } from "../../api/session.ts";
import { Failed, Loading } from "../../ui/Loaded.tsx";
import { SiteFrame } from "../shell/SiteFrame.tsx";
import { IdleWatch } from "./IdleWatch.tsx";
import { LogInPage } from "./LogInPage.tsx";
import { startPageOf } from "./pages.ts";
import { SessionContext } from "./session-context.ts";

const FirstSteps = lazy(() => import("./FirstSteps.tsx").then((module) => ({ default: module.FirstSteps })));

const CHECK_MS = 15_000;

/** Lets nobody further who isn't signed in. The log-in stands in the place of the page, so that the address, and with it the place, is kept. */
export function Gate() {
	const queries = useQueryClient();
	const navigate = useNavigate();
	const path = useLocation({ select: ({ pathname }) => pathname });
	const open = path.startsWith("/set-up/");
	// Whoever has no live link hears only by asking that their rights have changed or their session is over.
	const session = useQuery({ ...sessionQuery, enabled: !open, refetchInterval: (query) => (query.state.data ? CHECK_MS : false) });
	const user = session.data?.user.id;
	const [wasSignedIn, setWasSignedIn] = useState(false);
	const signedIn = session.data != null;
	useEffect(() => {
		if (signedIn) setWasSignedIn(true);
	}, [signedIn]);
	const begin = session.data && (path === "/log-in" || (path === "/" && startPageOf(session.data) !== "/" && !session.data.permissions["site.read"]));
	const start = session.data && startPageOf(session.data);
	useEffect(() => {
		if (begin && start) void navigate({ to: start, replace: true });
	}, [begin, start, navigate]);

	if (open)
		return (
			<Suspense fallback={<Loading />}>
				<Outlet />
			</Suspense>
		);
	if (session.data === undefined) return session.error ? <Failed error={session.error} retry={() => void session.refetch()} /> : <Loading rows={3} />;
	if (session.data === null)
		return (
			<LogInPage
				ended={wasSignedIn && path !== "/log-in"}
				onSignedIn={(begun) => {
					if (path === "/" && !wasSignedIn) void navigate({ to: startPageOf(begun), replace: true });
				}}
			/>
		);
	const blocked = session.data.mustChangePassword || session.data.secondFactor === "must-set-up";
	return (
		<SessionContext value={session.data}>
			{blocked ? (
				<Suspense fallback={<Loading />}>
					<FirstSteps onDone={() => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })} />
				</Suspense>
			) : (
				<SiteFrame key={user} />
			)}
			<IdleWatch />
		</SessionContext>
	);
}
