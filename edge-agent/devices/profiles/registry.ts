import { native } from "./native.ts";
import type { Profile } from "./profile.ts";

/** Every dialect that an agent understands. A topic belongs to the first one with a filter that matches. */
export const PROFILES: readonly Profile[] = [native];
