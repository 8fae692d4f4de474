import type { Problem } from "../../../../contracts/api.ts";
import { ProblemError } from "../../api/problem-error.ts";
import { fieldText, useServerWords } from "../../i18n/server-words.ts";

type Errors = NonNullable<Problem["errors"]>;

/** The wrong fields that a refusal names. */
export const errorsOf = (error: unknown): Errors => (error instanceof ProblemError ? error.errors : []);

/** Wrong fields of what is no form, such as a file: each by its name, with what was expected. */
export function FieldErrors({ errors }: { errors: Errors }) {
	const words = useServerWords();
	return errors.map(({ field, message }) => (
		<div key={`${field} ${message}`}>
			{field}: {fieldText(words, message)}
		</div>
	));
}
