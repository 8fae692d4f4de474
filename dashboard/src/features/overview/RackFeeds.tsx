import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { RackPower } from "../../../../contracts/rack-power.ts";
import { rackPowerQuery } from "../../api/queries.ts";
import { Loaded } from "../../ui/Loaded.tsx";
import { PriorityMark } from "../../ui/PriorityMark.tsx";
import { useFormat } from "../../ui/site-context.ts";
import { type Failure, failurePriority, shareOf } from "./rack-feeds.ts";

/** What a rack draws from its feeds, and what becomes of it if one fails now (ALM-12). */
export function RackFeeds({ rack }: { rack: string }) {
	const { t } = useTranslation();
	return (
		<Loaded query={useQuery(rackPowerQuery)} rows={2}>
			{(racks) => {
				const power = racks.find(({ id }) => id === rack);
				if (!power || power.feedPower === null) return null;
				return (
					<ul className="place-points place-feeds" aria-label={t("plan.feeds")} data-testid="rack-feeds">
						{power.ifFails.map((failure) => (
							<Feed key={failure.feed} power={power} failure={failure} />
						))}
					</ul>
				);
			}}
		</Loaded>
	);
}

function Feed({ power, failure }: { power: RackPower; failure: Failure }) {
	const { t } = useTranslation();
	const format = useFormat();
	const { feed, carriedBy, percent } = failure;
	const watts = (value: number) => `${format.number(value, "W")}\u00a0W`;
	const percents = (value: number) => `${format.number(value, "%")}\u00a0%`;
	const [load, share, priority] = [power.load[feed], shareOf(power, feed), failurePriority(failure)];
	const carried = percent === null ? t("plan.loadUnknown") : t("plan.carries", { feed: carriedBy, share: percents(percent) });
	const reserve = priority === null ? "" : `, ${t(priority === "high" ? "plan.tooMuch" : "plan.noReserve")}`;
	return (
		<li data-testid={`feed-${feed}`}>
			<span>
				<strong>{t("plan.feed", { feed })}</strong> {load === null ? t("plan.loadUnknown") : watts(load)}
				{share !== null && <span className="dim"> {t("plan.share", { share: percents(share), rating: watts(power.feedPower ?? 0) })}</span>}
			</span>
			<span className={priority ? `feed-failure priority-${priority}` : "feed-failure"}>
				{priority && <PriorityMark priority={priority} unacknowledged={false} />}
				<span>
					{t("plan.ifFails", { feed })}: {carriedBy === null ? t("plan.nothingCarries") : `${carried}${reserve}`}
				</span>
			</span>
		</li>
	);
}
