import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { AppError } from "../../../server/platform/errors.ts";
import { decodeCursor, encodeCursor, pageOfRows, pagingQuery } from "../../../server/platform/http/paging.ts";

const querySchema = z.object(pagingQuery);
const positionSchema = z.strictObject({ at: z.number(), id: z.string() });

describe("paging", () => {
	it.each([
		[{}, 100],
		[{ limit: "1" }, 1],
		[{ limit: "500" }, 500],
	])("takes the limit of %j as %i", (query, limit) => {
		expect(querySchema.parse(query).limit).toBe(limit);
	});

	it.each(["0", "501", "1.5", "x", "-1"])("refuses the limit %s", (limit) => {
		expect(querySchema.safeParse({ limit }).success).toBe(false);
	});

	it("a cursor comes back as what it was made of", () => {
		fc.assert(
			fc.property(fc.record({ at: fc.integer(), id: fc.string() }), (position) => {
				expect(decodeCursor(encodeCursor(position), positionSchema)).toEqual(position);
			}),
		);
	});

	it("a cursor tells nothing of its place, and one that was changed or made elsewhere is refused", () => {
		const cursor = encodeCursor({ at: 1, id: "amara-nwosu" });
		const bytes = Buffer.from(cursor, "base64url");
		expect(bytes.toString("latin1")).not.toContain("amara");
		for (const index of bytes.keys()) {
			const changed = Buffer.from(bytes);
			changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
			expect(() => decodeCursor(changed.toString("base64url"), positionSchema), `byte ${index}`).toThrow(AppError);
		}
		const plain = Buffer.from(JSON.stringify({ at: 1, id: "amara-nwosu" })).toString("base64url");
		expect(() => decodeCursor(plain, positionSchema)).toThrow(AppError);
	});

	it("anything else is refused with 400, whatever it is", () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				expect(() => decodeCursor(text, positionSchema)).toThrow(AppError);
			}),
		);
		expect(() => decodeCursor(encodeCursor({ other: 1 }), positionSchema)).toThrow(expect.objectContaining({ status: 400, code: "invalid-request" }));
	});

	it("walks a list to its end, every row once", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }), (length, limit) => {
				const seen: number[] = [];
				let cursor: string | undefined;
				do {
					const from = decodeCursor(cursor, z.number()) ?? 0;
					const rows = Array.from({ length: Math.min(limit + 1, length - from) }, (_, index) => from + index);
					const page = pageOfRows(
						rows,
						limit,
						(row) => row,
						(last) => last + 1,
					);
					seen.push(...page.items);
					cursor = page.nextCursor ?? undefined;
				} while (cursor !== undefined);
				expect(seen).toEqual(Array.from({ length }, (_, index) => index));
			}),
		);
	});
});
