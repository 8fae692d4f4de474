type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Every way in which one thing in a JSON document can be another: values changed, taken away, added, two neighbours swapped. */
export function* alterations(document: unknown): Generator<{ what: string; altered: Json }> {
	const whole = document as Json;
	for (const { path, value } of nodes(whole, [])) {
		const at = path.join(".") || "(top)";
		for (const [how, other] of others(value)) yield { what: `${at} ${how}`, altered: withAt(whole, path, other) };
	}
}

function* nodes(value: Json, path: (string | number)[]): Generator<{ path: (string | number)[]; value: Json }> {
	yield { path, value };
	if (Array.isArray(value)) for (const [place, item] of value.entries()) yield* nodes(item, [...path, place]);
	else if (typeof value === "object" && value !== null) for (const [name, item] of Object.entries(value)) yield* nodes(item, [...path, name]);
}

function* others(value: Json): Generator<[string, Json]> {
	if (typeof value === "string") {
		yield ["longer", `${value}x`];
		if (value === "") return;
		yield ["shorter", value.slice(0, -1)];
		for (const at of new Set([0, value.length >> 1, value.length - 1]))
			yield [`changed at ${at}`, `${value.slice(0, at)}${value[at] === "A" ? "B" : "A"}${value.slice(at + 1)}`];
	} else if (typeof value === "number") {
		yield ["more", value + 1];
		yield ["less", value - 1];
	} else if (typeof value === "boolean") yield ["the contrary", !value];
	else if (value === null) {
		yield ["something", "x"];
		yield ["zero", 0];
	} else if (Array.isArray(value)) {
		for (const place of value.keys()) {
			yield [`without ${place}`, value.toSpliced(place, 1)];
			yield [`${place} twice`, value.toSpliced(place, 0, value[place] as Json)];
			const [here, next] = [value[place], value[place + 1]];
			if (here !== undefined && next !== undefined) yield [`${place} and ${place + 1} swapped`, value.toSpliced(place, 2, next, here)];
		}
	} else {
		for (const name of Object.keys(value)) yield [`without ${name}`, Object.fromEntries(Object.entries(value).filter(([one]) => one !== name))];
		yield ["with one more", { ...value, more: 1 }];
	}
}

function withAt(value: Json, [step, ...rest]: readonly (string | number)[], other: Json): Json {
	if (step === undefined) return other;
	if (Array.isArray(value)) return value.map((item, place) => (place === step ? withAt(item, rest, other) : item));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, name === step ? withAt(item, rest, other) : item]));
}
