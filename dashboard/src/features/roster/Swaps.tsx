import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { SwapView } from "../../../../contracts/roster.ts";
import { decideSwap, ROSTER_KEYS, swapsQuery } from "../../api/roster.ts";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

const SHOWN = 10;

/** Duties that somebody has asked somebody else to take: those that wait for an answer first. */
export function Swaps() {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const act = useAct(decideSwap, ROSTER_KEYS);
	return (
		<section className="panel" aria-labelledby="roster-swaps">
			<div className="panel-head">
				<h2 id="roster-swaps">{t("roster.swaps")}</h2>
			</div>
			<FormError text={textOf(act.error)} />
			<Loaded query={useQuery(swapsQuery)} rows={2}>
				{(swaps) =>
					swaps.length === 0 ? (
						<Empty title={t("roster.noSwap")} hint={t("roster.noSwapHint")} />
					) : (
						<ul className="panel-body stack">
							{[...swaps.filter(isOpen), ...swaps.filter((swap) => !isOpen(swap))].slice(0, SHOWN).map((swap) => (
								<Swap key={swap.id} swap={swap} pending={act.pending} onDecide={(verb) => act.run({ id: swap.id, verb })} />
							))}
						</ul>
					)
				}
			</Loaded>
			{act.dialog}
		</section>
	);
}

const isOpen = ({ state }: SwapView): boolean => state === "proposed";

function Swap({ swap, pending, onDecide }: { swap: SwapView; pending: boolean; onDecide: (verb: "accept" | "decline" | "withdraw") => void }) {
	const { t } = useTranslation();
	const { user } = useSession();
	const serves = useMay("roster.serve");
	const verbs =
		!serves || !isOpen(swap)
			? []
			: swap.to === user.username
				? (["accept", "decline"] as const)
				: swap.from === user.username
					? (["withdraw"] as const)
					: [];
	return (
		<li data-testid="swap" data-state={swap.state}>
			{t("roster.swapText", { from: swap.fromName, to: swap.toName, day: swap.give.day })}{" "}
			<span className="dim">{t(`roster.swapStates.${swap.state}`)}</span>
			{swap.note && <p className="dim">“{swap.note}”</p>}
			{verbs.map((verb) => (
				<Button key={verb} size="compact-xs" variant="default" loading={pending} onClick={() => onDecide(verb)}>
					{t(`roster.verbs.${verb}`)}
				</Button>
			))}
		</li>
	);
}
