import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

/** A modal dialog of the browser's own: it keeps the focus inside, closes with Escape and gives the focus back. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
	const { t } = useTranslation();
	const dialog = useRef<HTMLDialogElement>(null);
	const titleId = useId();
	useEffect(() => {
		const element = dialog.current;
		if (!element) return;
		const before = document.activeElement;
		element.showModal();
		element.querySelector<HTMLElement>("[data-autofocus]")?.focus();
		return () => {
			element.close();
			if (before instanceof HTMLElement || before instanceof SVGElement) before.focus();
		};
	}, []);
	return (
		<dialog ref={dialog} className="dialog" aria-labelledby={titleId} onCancel={onClose} onKeyDown={(event) => event.stopPropagation()}>
			<div className="panel-head">
				<h2 id={titleId}>{title}</h2>
				<button type="button" className="icon-button" aria-label={t("alarm.close")} onClick={onClose}>
					×
				</button>
			</div>
			<div className="panel-body">{children}</div>
		</dialog>
	);
}
