import { Button, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

export interface ReadSerial {
	text: string;
	/** By the camera: it needs no second time. */
	scanned: boolean;
	again: string;
}

/** Browsers that can read codes by themselves have it (Chromium on phones); it isn't in TypeScript's library. */
interface CodeReader {
	detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
const readerOf = (): CodeReader | null => {
	const Reader: unknown = Reflect.get(globalThis, "BarcodeDetector");
	return typeof Reader === "function" ? (Reflect.construct(Reader, []) as CodeReader) : null;
};

/** A serial number: scanned with the camera where the browser can, else typed (or scanned by a keyboard scanner) twice. */
export function SerialField({ value, onChange }: { value: ReadSerial; onChange: (value: ReadSerial) => void }) {
	const { t } = useTranslation();
	const [reader] = useState(readerOf);
	const [scanning, setScanning] = useState(false);
	return (
		<>
			<TextInput
				name="serial"
				label={t("work.serial")}
				description={value.scanned ? t("work.scanned") : t("work.typeTwice")}
				required
				autoComplete="off"
				autoCapitalize="characters"
				spellCheck={false}
				value={value.text}
				onChange={(event) => onChange({ ...value, text: event.currentTarget.value, scanned: false })}
				onKeyDown={(event) => {
					// A keyboard scanner ends with Enter: the next field is the one for the second time.
					if (event.key !== "Enter") return;
					event.preventDefault();
					document.querySelector<HTMLInputElement>("[name=serialAgain]")?.focus();
				}}
			/>
			{!value.scanned && (
				<TextInput
					name="serialAgain"
					label={t("work.serialAgain")}
					required
					autoComplete="off"
					autoCapitalize="characters"
					spellCheck={false}
					value={value.again}
					onChange={(event) => onChange({ ...value, again: event.currentTarget.value })}
				/>
			)}
			{reader && !scanning && (
				<Button variant="default" type="button" onClick={() => setScanning(true)}>
					{t("work.scan")}
				</Button>
			)}
			{reader && scanning && (
				<Camera
					reader={reader}
					onEnd={(text) => {
						setScanning(false);
						if (text !== null) onChange({ text, scanned: true, again: "" });
					}}
				/>
			)}
		</>
	);
}

const LOOK_EVERY = 250;

function Camera({ reader, onEnd }: { reader: CodeReader; onEnd: (text: string | null) => void }) {
	const { t } = useTranslation();
	const video = useRef<HTMLVideoElement>(null);
	const end = useRef(onEnd);
	end.current = onEnd;
	useEffect(() => {
		let stream: MediaStream | undefined;
		let timer: ReturnType<typeof setInterval> | undefined;
		let over = false;
		void (async () => {
			try {
				stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
				const element = video.current;
				if (over || !element) return;
				element.srcObject = stream;
				await element.play();
				timer = setInterval(() => {
					void reader.detect(element).then(
						([code]) => {
							if (code && !over) end.current(code.rawValue.trim());
						},
						() => undefined,
					);
				}, LOOK_EVERY);
			} catch {
				end.current(null);
			}
		})();
		return () => {
			over = true;
			clearInterval(timer);
			for (const track of stream?.getTracks() ?? []) track.stop();
		};
	}, [reader]);
	return (
		<div className="work-camera">
			<video ref={video} playsInline muted />
			<Button variant="default" type="button" onClick={() => onEnd(null)}>
				{t("work.stopScan")}
			</Button>
		</div>
	);
}
