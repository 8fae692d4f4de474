import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { SerialFields, type SerialReading } from "../SerialFields.tsx";

/** Browsers that can read codes by themselves have it (Chromium on phones); it isn't in TypeScript's library. */
interface CodeReader {
	detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
const readerOf = (): CodeReader | null => {
	const Reader: unknown = Reflect.get(globalThis, "BarcodeDetector");
	return typeof Reader === "function" ? (Reflect.construct(Reader, []) as CodeReader) : null;
};

/** A serial number: scanned with the camera where the browser can, or by a keyboard scanner; else typed twice. */
export function SerialField({ value, onChange }: { value: SerialReading; onChange: (value: SerialReading) => void }) {
	const { t } = useTranslation();
	const [reader] = useState(readerOf);
	const [scanning, setScanning] = useState(false);
	const first = useRef<HTMLInputElement>(null);
	return (
		<>
			<SerialFields
				reading={value}
				first={first}
				onChange={onChange}
				onRead={() => first.current?.form?.querySelector<HTMLElement>("[name=serialFrom]")?.focus()}
			/>
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
						if (text !== null) onChange({ serial: text, scanned: true, again: "" });
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
