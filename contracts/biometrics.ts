/**
 * What must never come in: fingerprint templates and pictures of people (ACC-1). Only the reference of an enrolment is kept. Pure.
 */

/** Names of fields that carry such data. */
const KEYS = /templ|minutia|biometr|image|photo|picture|19794|^(fmr|fir|wsq)$|finger[\w-]*(data|raw|scan)/i;
/**
 * How such data begins: records of minutiae and finger images (ISO/IEC 19794-2 and -4), JPEG, PNG, GIF and WSQ, as they are or in base64;
 * data URLs.
 */
const RECORD =
	/^\s*(?:FMR\0|FIR\0|\xff\xd8\xff|\x89PNG|GIF8|\xff\xa0\xff|Rk1S|RklS|\/9j\/|iVBORw|R0lGOD|\/6D\/|data:(?:image|application\/octet-stream))/;
/** Longer than any reference: base64 or hexadecimal. Small letters alone are neither. */
const BLOB = /^(?=.*[A-Z0-9])[A-Za-z0-9+/_-]{128,}={0,2}$/;
/** A name that may be shown: anything else could be data itself. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/;

/** Whether a text is such data itself; of bytes give the text in Latin-1. */
export function isBiometric(text: string): boolean {
	return RECORD.test(text) || BLOB.test(text.trim());
}

/** Whether a field of this name would carry such data. */
export const namesBiometrics = (name: string): boolean => KEYS.test(name) || isBiometric(name);

/** The path to the first field of parsed JSON that carries such data, quoting nothing of it; `null`: none does. At any depth. */
export function biometricField(value: unknown): string | null {
	const waiting: { value: unknown; path: readonly string[] }[] = [{ value, path: [] }];
	for (let next = waiting.pop(); next; next = waiting.pop()) {
		const { path } = next;
		if (typeof next.value === "string" && isBiometric(next.value)) return pathOf(path);
		if (typeof next.value !== "object" || next.value === null) continue;
		for (const [name, part] of Object.entries(next.value)) {
			if (namesBiometrics(name)) return pathOf([...path, name]);
			// Deeper ones than these are told from each other no more.
			waiting.push({ value: part, path: path.length < 8 ? [...path, name] : path });
		}
	}
	return null;
}

const pathOf = (path: readonly string[]): string =>
	path.map((name) => (PLAIN.test(name) && !isBiometric(name) ? name : /^\d+$/.test(name) ? name : "[redacted]")).join(".");
