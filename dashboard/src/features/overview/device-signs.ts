import type { DeviceKind, PointKind, Value } from "../../../../contracts/kinds.ts";

/** Devices that have a sign on the plan; the path is drawn in a box from -1 to 1. */
export const DEVICE_SIGNS: { readonly [kind in DeviceKind]?: string } = {
	"smoke-detector": "M-.9.1A.9.9 0 0 1 .9.1ZM-.55.45H-.35M-.1.45H.1M.35.45H.55",
	"water-leak-detector": "M0-.9C.4-.3.7 0 .7.3A.7.7 0 0 1-.7.3C-.7 0-.4-.3 0-.9Z",
	camera: "M-.9-.5H.4V.5H-.9ZM.4-.1L.9-.4V.4L.4.1",
	"hvac-unit": "M0-.9V.9M-.78-.45L.78.45M-.78.45L.78-.45",
	ups: "M.2-.9L-.5.15H.05L-.2.9L.5-.15H-.05Z",
	"fire-panel": "M0-.9C.2-.4.7-.2.7.3A.7.6 0 0 1-.7.3C-.7 0-.3-.1-.25-.45C-.1-.35 0-.4 0-.9Z",
	generator: "M-.8-.6H.8V.6H-.8ZM-.3.3V-.3L.3.3V-.3",
};

/** States that need no look. A kind that isn't listed has no abnormal state of its own. */
const NORMAL: { readonly [kind in PointKind]?: readonly Value[] } = {
	smoke: ["normal", "clear", false],
	leak: ["dry", false],
	"fire-state": ["normal"],
	"link-state": ["up", true],
	recording: [true, "recording", "on"],
	"unit-state": ["running", "standby", "off"],
	"ups-state": ["online"],
};

/** Whether a point's value by itself says that something is wrong. */
export function isAbnormalState(kind: PointKind, value: Value | null): boolean {
	return value !== null && NORMAL[kind]?.includes(value) === false;
}

/** The points that a sign's state is read from. */
export function isSignPoint(kind: PointKind): boolean {
	return NORMAL[kind] !== undefined;
}
