import { TextInput } from "@mantine/core";
import { type KeyboardEvent, type RefObject, useRef } from "react";
import { useTranslation } from "react-i18next";
import { isScanned } from "./orders.ts";

export interface SerialReading {
	serial: string;
	/** Typed a second time; not asked for of one that was scanned. */
	again: string;
	scanned: boolean;
}
export const NO_READING: SerialReading = { serial: "", again: "", scanned: false };
/** Whether it was read twice alike, or by a scanner. */
export const isRead = ({ serial, again, scanned }: SerialReading): boolean => serial.trim() !== "" && (scanned || serial.trim() === again.trim());

export interface SerialFieldsProps {
	reading: SerialReading;
	first: RefObject<HTMLInputElement | null>;
	onChange: (reading: SerialReading) => void;
	/** The number is read; the focus goes on. */
	onRead: () => void;
}

/** A serial number, typed twice, or read by a keyboard scanner: that types faster than anybody, and ends with Enter. */
export function SerialFields({ reading, first, onChange, onRead }: SerialFieldsProps) {
	const { t } = useTranslation();
	const second = useRef<HTMLInputElement>(null);
	const times = useRef<number[]>([]);
	const onFirstKey = (event: KeyboardEvent<HTMLInputElement>) => {
		if (event.key.length === 1) times.current.push(event.timeStamp);
		else if (event.key === "Backspace" || event.key === "Delete") times.current = [];
		if (event.key !== "Enter") return;
		event.preventDefault();
		const scanned = isScanned(reading.serial, times.current);
		if (scanned) {
			onChange({ ...reading, again: "", scanned });
			onRead();
		} else second.current?.focus();
	};
	const onSecondKey = (event: KeyboardEvent<HTMLInputElement>) => {
		if (event.key !== "Enter") return;
		event.preventDefault();
		if (isRead(reading)) onRead();
	};
	const different = reading.again !== "" && !reading.serial.trim().startsWith(reading.again.trim());
	return (
		<>
			<TextInput
				ref={first}
				name="serial"
				label={t("custody.serial")}
				description={reading.scanned ? t("custody.scanned") : t("custody.findHint")}
				data-autofocus
				required
				maxLength={80}
				autoComplete="off"
				autoCapitalize="characters"
				spellCheck={false}
				value={reading.serial}
				onFocus={() => {
					times.current = [];
				}}
				onKeyDown={onFirstKey}
				onChange={(event) => {
					if (event.currentTarget.value === "") times.current = [];
					onChange({ ...reading, serial: event.currentTarget.value, scanned: false });
				}}
			/>
			{!reading.scanned && (
				<TextInput
					ref={second}
					name="again"
					label={t("custody.again")}
					description={t("custody.againHint")}
					required
					maxLength={80}
					autoComplete="off"
					autoCapitalize="characters"
					spellCheck={false}
					error={different ? t("custody.notSame") : undefined}
					value={reading.again}
					onPaste={(event) => event.preventDefault()}
					onKeyDown={onSecondKey}
					onChange={(event) => onChange({ ...reading, again: event.currentTarget.value })}
				/>
			)}
		</>
	);
}
