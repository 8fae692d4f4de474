/** Builds the worker that keeps the page of the media work, and nothing else, on the device. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, Rolldown } from "vite";

const PAGE = "work.html";

/** Writes `work-worker.js` from `service-worker.js`, with the names of everything that the page loads. */
export function offlineWork(): Plugin {
	return {
		name: "offline-work",
		apply: "build",
		generateBundle(_, bundle) {
			const files = ["/watchroom.svg", ...filesOf(bundle)].sort();
			const version = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 12);
			const source = readFileSync(join(import.meta.dirname, "service-worker.js"), "utf8")
				.replace('"@version"', JSON.stringify(version))
				.replace('["@files"]', JSON.stringify(files));
			this.emitFile({ type: "asset", fileName: "work-worker.js", source });
		},
	};
}

/** Addresses of the entry's chunks with all that they import, at once or later, and their styles. */
function filesOf(bundle: Rolldown.OutputBundle): string[] {
	const entry = Object.values(bundle).find((one) => one.type === "chunk" && one.isEntry && one.facadeModuleId?.endsWith(PAGE));
	const seen = new Set<string>();
	const visit = (name: string) => {
		const chunk = bundle[name];
		if (seen.has(name) || chunk?.type !== "chunk") return;
		seen.add(name);
		for (const more of [...chunk.imports, ...chunk.dynamicImports]) visit(more);
		for (const style of chunk.viteMetadata?.importedCss ?? []) seen.add(style);
		for (const asset of chunk.viteMetadata?.importedAssets ?? []) seen.add(asset);
	};
	if (!entry) throw new Error(`${PAGE} is not built`);
	visit(entry.fileName);
	return [...seen].map((name) => `/${name}`);
}
