import { useContext, useEffect } from "react";
import { useLiveState } from "../../live/live-context.ts";
import { SiteContext } from "../../ui/site-context.ts";

/** The window's title on every page: how many alarms are open, and the site; nothing of either once nobody is signed in. */
export function PageTitle() {
	const site = useContext(SiteContext);
	const open = useLiveState((state) => state.alarms.open.length);
	useEffect(() => {
		document.title = `${open > 0 ? `(${open}) ` : ""}${site ? `${site.name} · ` : ""}Watchroom`;
	}, [open, site]);
	useEffect(
		() => () => {
			document.title = "Watchroom";
		},
		[],
	);
	return null;
}
