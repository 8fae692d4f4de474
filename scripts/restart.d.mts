export declare function waitAfterEnd(ends: readonly number[]): number | null;
