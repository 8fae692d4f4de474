import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { logOut, sessionQuery } from "../../../api/session.ts";
import { LogInPage } from "../../session/LogInPage.tsx";
import { SessionContext } from "../../session/session-context.ts";
import { ConfirmDialog } from "../../session/use-act.tsx";
import type { DeviceStore } from "./device-store.ts";
import { MediumWork } from "./MediumWork.tsx";
import { awaited, predicted } from "./queue.ts";
import { StateLine } from "./StateLine.tsx";
import { useWork } from "./use-work.ts";
import { WorkList } from "./WorkList.tsx";

/** The work on media, for a phone in a loading dock: whatever is done is kept on the device first. */
export function WorkApp({ store }: { store: DeviceStore }) {
	const { t } = useTranslation();
	const queries = useQueryClient();
	const state = useWork(store);
	const { work, steps, session } = state;
	// The page of a medium leads to its steps by the address behind the #.
	const [open, setOpen] = useState<string | null>(() => location.hash.slice(1) || null);
	const [order, setOrder] = useState<string | null>(null);
	const [switching, setSwitching] = useState(false);
	const [asked, setAsked] = useState(true);
	if (session === null && (work === null || switching || steps.length === 0))
		return (
			<LogInPage
				ended={false}
				onSignedIn={() => {
					setSwitching(false);
					setAsked(true);
					state.retry();
				}}
			/>
		);
	if (work === null)
		return (
			<main className="work">
				<p className="work-note" role="status">
					{state.online ? t("work.reading") : t("work.neverRead")}
				</p>
			</main>
		);
	const media = new Map(work.media.map((medium) => [medium.id, predicted(medium, steps)]));
	const account = session ? { id: session.user.id, name: session.user.name, mayRelease: work.account.mayRelease } : work.account;
	const opened = open === null ? undefined : media.get(open);
	const signOut = () => {
		void logOut()
			.catch(() => undefined)
			.then(() => {
				setSwitching(true);
				queries.setQueryData(sessionQuery.queryKey, null);
			});
	};
	return (
		<main className="work">
			<StateLine
				state={state}
				account={account}
				others={awaited(steps, account.id)}
				onSwitch={signOut}
				onLogIn={() => setSwitching(true)}
				onConfirm={() => setAsked(true)}
			/>
			{opened ? (
				<MediumWork key={opened.id} medium={opened} work={work} account={account} state={state} onBack={() => setOpen(null)} />
			) : (
				<WorkList work={work} media={[...media.values()]} waiting={steps} order={order} onOrder={setOrder} onOpen={setOpen} />
			)}
			{state.confirm && asked && session && (
				<SessionContext value={session}>
					<ConfirmDialog onClose={() => setAsked(false)} onConfirmed={state.retry} />
				</SessionContext>
			)}
		</main>
	);
}

/** Where the browser keeps nothing, nothing must be done that could be lost. */
export function NoStore() {
	const { t } = useTranslation();
	return (
		<main className="work">
			<p className="work-note" role="alert">
				{t("work.noStore")}
			</p>
		</main>
	);
}
