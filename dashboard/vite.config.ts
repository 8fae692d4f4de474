import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { offlineWork } from "./offline-work.ts";

/** Puts a `.gz` and a `.br` beside every text asset, so that the server never compresses while it has alarms to deliver. */
function compressed(): Plugin {
	return {
		name: "compressed",
		apply: "build",
		async writeBundle({ dir }) {
			if (!dir) return;
			for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
				if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name)) continue;
				const file = join(entry.parentPath, entry.name);
				const content = await readFile(file);
				if (content.length < 1024) continue;
				await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
				await writeFile(`${file}.br`, await promisify(brotliCompress)(content));
			}
		},
	};
}

const server = process.env.WATCHROOM_DEV_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
	root: import.meta.dirname,
	plugins: [react(), offlineWork(), compressed()],
	build: {
		outDir: "dist",
		emptyOutDir: true,
		assetsInlineLimit: 0,
		reportCompressedSize: false,
		target: "es2022",
		// zod and its settings in a chunk of their own, which is therefore run before the first schema is made.
		rolldownOptions: {
			input: ["index.html", "work.html"].map((page) => join(import.meta.dirname, page)),
			output: { codeSplitting: { groups: [{ name: "zod", test: /node_modules[\\/]zod[\\/]|zod-settings/ }] } },
		},
	},
	server: { host: "127.0.0.1", proxy: { "/api": server, "/readyz": server, "/socket.io": { target: server, ws: true } } },
});
