import { existsSync } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DeviceList, deviceListSchema } from "../../contracts/uplink.ts";

/** The last good device list, kept for starts without the server (EDG-9). */
export class DeviceListFile {
	readonly #path: string;

	constructor(folder: string) {
		this.#path = join(folder, "devices.json");
	}

	/** `null` when there is none. Throws when the file can't be read or holds something else. */
	async load(): Promise<DeviceList | null> {
		if (!existsSync(this.#path)) return null;
		return deviceListSchema.parse(JSON.parse(await readFile(this.#path, "utf8")));
	}

	/** Resolves when the list survives a power cut; a reader sees the old or the new one, never a part. */
	async save(list: DeviceList): Promise<void> {
		const temporary = `${this.#path}.new`;
		const file = await open(temporary, "w");
		try {
			await file.writeFile(JSON.stringify(list));
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, this.#path);
		const folder = await open(dirname(this.#path), "r");
		try {
			await folder.sync();
		} finally {
			await folder.close();
		}
	}
}
