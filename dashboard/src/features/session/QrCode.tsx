import { useMemo } from "react";
import { encode } from "uqr";

/** A QR code drawn as one path, with the quiet zone around it that readers need (ISO/IEC 18004). */
export function QrCode({ text, label }: { text: string; label: string }) {
	const { size, path } = useMemo(() => {
		const { data, size } = encode(text, { border: 4 });
		const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])));
		return { size, path: dark.join("") };
	}, [text]);
	return (
		<svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
			<path d={path} fill="#000" />
		</svg>
	);
}
