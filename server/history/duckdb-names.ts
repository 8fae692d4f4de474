/** Names that are stored as numbers, from 1; new ones wait to be written with the next transaction. */
export class NumberedNames {
	private readonly ids = new Map<string, number>();
	private readonly names: string[] = [];
	private fresh: string[] = [];

	load(rows: Iterable<{ id: number; name: string }>): void {
		for (const { id, name } of rows) {
			this.ids.set(name, id);
			this.names[id] = name;
		}
	}
	idOf(name: string): number {
		const known = this.ids.get(name);
		if (known !== undefined) return known;
		const id = Math.max(1, this.names.length);
		this.ids.set(name, id);
		this.names[id] = name;
		this.fresh.push(name);
		return id;
	}
	/** Without numbering a new one. */
	find(name: string): number | undefined {
		return this.ids.get(name);
	}
	nameOf(id: number): string {
		return this.names[id] ?? "";
	}
	get unwritten(): { id: number; name: string }[] {
		return this.fresh.map((name) => ({ id: this.ids.get(name) ?? 0, name }));
	}
	written(): void {
		this.fresh = [];
	}
}
