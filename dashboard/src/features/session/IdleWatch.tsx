import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { logOut, sessionQuery } from "../../api/session.ts";
import { useFormat } from "../../ui/site-context.ts";
import { type Idle, idleOf } from "./idle.ts";
import { useSession } from "./session-context.ts";

const CHECK_MS = 1000;

/** Warns before the session ends for lack of use or at its longest, and ends it then. Any key or touch counts as use. */
export function IdleWatch() {
	const { t } = useTranslation();
	const format = useFormat();
	const queries = useQueryClient();
	const { endsAt } = useSession();
	const end = endsAt === null ? null : Date.parse(endsAt);
	const lastInput = useRef(Date.now());
	const [idle, setIdle] = useState<Idle>({ state: "in-use" });
	useEffect(() => {
		let over = false;
		const used = () => {
			lastInput.current = Date.now();
		};
		const check = () => {
			const next = idleOf(lastInput.current, end, Date.now());
			setIdle((before) => (before.state === "in-use" && next.state === "in-use" ? before : next));
			if (next.state !== "over" || over) return;
			over = true;
			// Whether or not the server hears of it, the screen is no longer for whoever comes by.
			void logOut()
				.catch(() => null)
				.finally(() => queries.setQueryData(sessionQuery.queryKey, null));
		};
		const timer = setInterval(check, CHECK_MS);
		for (const type of ["pointerdown", "pointermove", "keydown", "wheel"]) document.addEventListener(type, used, { passive: true });
		return () => {
			clearInterval(timer);
			for (const type of ["pointerdown", "pointermove", "keydown", "wheel"]) document.removeEventListener(type, used);
		};
	}, [end, queries]);
	return (
		<div role="status" className={idle.state === "warning" ? "banner banner-notice idle-warning" : "visually-hidden"}>
			{idle.state === "warning" &&
				t(idle.reason === "idle" ? "session.idleSoon" : "session.endSoon", { age: format.age(Math.ceil(idle.left / 30_000) * 30_000) })}
		</div>
	);
}
