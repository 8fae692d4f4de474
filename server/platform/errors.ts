/** One wrong field of a request, and what was expected there. */
export interface FieldError {
	field: string;
	message: string;
}

/** An error with a stable code for programs; becomes a problem document (RFC 9457) at the HTTP edge. */
export class AppError extends Error {
	readonly code: string;
	readonly status: number;
	readonly errors: FieldError[] | undefined;

	constructor(code: string, status: number, detail: string, options: { cause?: unknown; errors?: FieldError[] } = {}) {
		super(detail, { cause: options.cause });
		this.name = "AppError";
		this.code = code;
		this.status = status;
		this.errors = options.errors;
	}
}

export const notFound = (what: string, id: string): AppError => new AppError("not-found", 404, `There is no ${what} ${id}.`);
export const conflict = (code: string, detail: string): AppError => new AppError(code, 409, detail);
export const invalid = (detail: string, errors: FieldError[]): AppError => new AppError("invalid-request", 400, detail, { errors });
/** `field`: where it was. */
export const biometricData = (field: string): AppError =>
	new AppError("biometric-data", 400, "This carries a fingerprint template or an image; only the reference of an enrolment may come in.", {
		errors: [{ field: field === "" ? "body" : field, message: "expected no template and no image" }],
	});
