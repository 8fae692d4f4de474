import { useEffect, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

export interface TakenPhoto {
	/** SHA-256 of its bytes, hex. */
	digest: string;
	blob: Blob;
}

const MOST = 8;
/** Longest side that is kept, pixels: a label stays readable, and the photo small. */
const LONGEST = 1600;

/** Photos of a step, by the phone's camera; kept smaller than they come. */
export function PhotoField({ photos, onChange }: { photos: readonly TakenPhoto[]; onChange: (photos: readonly TakenPhoto[]) => void }) {
	const { t } = useTranslation();
	const id = useId();
	const [failed, setFailed] = useState(false);
	const add = async (files: FileList | null) => {
		setFailed(false);
		try {
			const taken: TakenPhoto[] = [];
			for (const file of files ?? []) taken.push(await takenOf(file));
			onChange([...photos, ...taken.filter(({ digest }) => !photos.some((one) => one.digest === digest))].slice(0, MOST));
		} catch {
			setFailed(true);
		}
	};
	return (
		<div className="work-field">
			<label htmlFor={id}>{t("work.photos")}</label>
			<input
				id={id}
				type="file"
				accept="image/*"
				capture="environment"
				multiple
				onChange={(event) => {
					void add(event.currentTarget.files);
					event.currentTarget.value = "";
				}}
			/>
			{failed && (
				<p role="alert" className="form-error">
					{t("work.noPhoto")}
				</p>
			)}
			{photos.length > 0 && (
				<ul className="work-photos">
					{photos.map((photo) => (
						<li key={photo.digest}>
							<Thumbnail blob={photo.blob} />
							<button
								type="button"
								className="icon-button"
								aria-label={t("work.dropPhoto")}
								onClick={() => onChange(photos.filter((one) => one !== photo))}
							>
								×
							</button>
						</li>
					))}
				</ul>
			)}
		</div>
	);
}

function Thumbnail({ blob }: { blob: Blob }) {
	const { t } = useTranslation();
	const url = useMemo(() => URL.createObjectURL(blob), [blob]);
	useEffect(() => () => URL.revokeObjectURL(url), [url]);
	return <img src={url} alt={t("work.photo")} />;
}

async function takenOf(file: File): Promise<TakenPhoto> {
	const bitmap = await createImageBitmap(file);
	const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
	const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
	canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	bitmap.close();
	const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
	const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
	return { digest: [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join(""), blob };
}
