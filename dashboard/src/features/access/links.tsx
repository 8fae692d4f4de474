import { Link } from "@tanstack/react-router";
import { useSite } from "../../ui/site-context.ts";

/** A person's name, which leads to their page; a dash for nobody. */
export function HolderLink({ holder }: { holder: { id: string; name: string } | null }) {
	if (holder === null) return <span className="dim">–</span>;
	return (
		<Link to="/access/holders/$holder" params={{ holder: holder.id }} preload={false}>
			{holder.name}
		</Link>
	);
}

/** A door's name, which leads to its page; the bare id of one that the site no longer has. */
export function DoorLink({ door: id }: { door: string }) {
	const door = useSite().doors.find((one) => one.id === id);
	if (!door) return <>{id}</>;
	return (
		<Link to="/access/doors/$door" params={{ door: id }}>
			{door.name}
		</Link>
	);
}
