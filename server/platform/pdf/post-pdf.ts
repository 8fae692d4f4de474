/** What the threads that lay out documents have in common; see pdf-thread.ts. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import pdfmake from "pdfmake";
import type { TableCell, TDocumentDefinitions } from "pdfmake/interfaces.js";

/** Minutes are enough for people; UTC is named. */
export const when = (instant: string | number | null): string =>
	instant === null ? "" : `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
export const headRow = (...names: string[]): TableCell[] => names.map((text) => ({ text, bold: true, fillColor: "#e4e4e4" }));

/** Lays a document out and sends it to whoever started this thread. Its font has the names of people in Chinese and in accented Latin. */
export async function postPdf({ defaultStyle, ...definition }: TDocumentDefinitions): Promise<void> {
	const fonts = dirname(fileURLToPath(import.meta.resolve("@expo-google-fonts/noto-sans-sc/package.json")));
	pdfmake.setFonts({
		Noto: { normal: join(fonts, "400Regular", "NotoSansSC_400Regular.ttf"), bold: join(fonts, "700Bold", "NotoSansSC_700Bold.ttf") },
	});
	pdfmake.setLocalAccessPolicy((path) => path.startsWith(fonts));
	pdfmake.setUrlAccessPolicy(() => false);
	const document = pdfmake.createPdf({ pageSize: "A4", defaultStyle: { font: "Noto", fontSize: 8, ...defaultStyle }, ...definition });
	parentPort?.postMessage(await document.getBuffer());
}
