import type { ReactNode } from "react";

/** Rows of a `dl` of facts: each name once. */
export function FactRows({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
	return facts.map(([name, value]) => (
		<div key={name}>
			<dt>{name}</dt>
			<dd className="wrap">{value}</dd>
		</div>
	));
}
