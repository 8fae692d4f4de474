import { createContext, useContext } from "react";
import type { SessionView } from "../../../../contracts/identity.ts";
import type { Permission } from "../../../../contracts/permissions.ts";
import { mayDo } from "./pages.ts";

export const SessionContext = createContext<SessionView | null>(null);

/** Who is signed in; only below the gate. */
export function useSession(): SessionView {
	const session = useContext(SessionContext);
	if (!session) throw new Error("useSession outside of SessionContext");
	return session;
}

/** Whether the one who is signed in has a permission at any site. */
export function useMay(permission: Permission): boolean {
	return mayDo(useSession(), permission);
}

/** The same, of whichever permission is asked for. */
export function useMayAny(): (permission: Permission) => boolean {
	const session = useSession();
	return (permission) => mayDo(session, permission);
}
