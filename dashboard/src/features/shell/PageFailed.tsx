import type { ErrorComponentProps } from "@tanstack/react-router";
import { Failed } from "../../ui/Loaded.tsx";

/** For a page that could not be drawn, such as one whose script could not be fetched. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
	return <Failed error={error} retry={reset} />;
}
