import { useEffect, useRef } from "react";

/** What is wrong with a form. It takes the focus, so that keyboard and screen reader are where the news is. */
export function FormError({ text }: { text: string | null }) {
	const element = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		if (text !== null) element.current?.focus();
	}, [text]);
	return text === null ? null : (
		<p ref={element} role="alert" tabIndex={-1} className="form-error">
			{text}
		</p>
	);
}
