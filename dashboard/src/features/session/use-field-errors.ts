import { fieldText, useServerWords } from "../../i18n/server-words.ts";
import { errorsOf } from "./FieldErrors.tsx";

/** What a refusal says of one field of the form, in the page's language; `undefined`: nothing. What lies in the field counts too. */
export function useFieldErrors(error: unknown): (field: string) => string | undefined {
	const words = useServerWords();
	const errors = errorsOf(error);
	return (field) => {
		const about = errors.filter((one) => one.field === field || one.field.startsWith(`${field}.`) || one.field.startsWith(`${field}[`));
		return about.length === 0 ? undefined : about.map(({ message }) => fieldText(words, message)).join("; ");
	};
}
