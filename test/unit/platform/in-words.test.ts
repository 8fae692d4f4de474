/** What a schema expected is told in sentences of the product, in both languages. */
import { expect, test } from "vitest";
import { z } from "zod";
import { inWords } from "../../../contracts/in-words.ts";
import { fieldText } from "../../../dashboard/src/i18n/server-words.ts";
import { serverWords } from "../../../dashboard/src/i18n/zh/server.ts";

test.each<[schema: z.ZodType, value: unknown, english: string, chinese: string]>([
	[z.string().min(1), "", "expected a text that is not empty", "不能为空"],
	[z.string().min(3), "ab", "expected at least 3 characters", "至少 3 个字符"],
	[z.string().max(2), "abc", "expected at most 2 characters", "最多 2 个字符"],
	[z.string(), undefined, "expected a text", "应为文本"],
	[z.number(), "1", "expected a number", "应为数字"],
	[z.number().int(), 1.5, "expected a whole number", "应为整数"],
	[z.number().min(0), -1, "expected at least 0", "最小为 0"],
	[z.number().max(9), 10, "expected at most 9", "最大为 9"],
	[z.array(z.string()).max(1), ["a", "b"], "expected at most 1 entries", "最多 1 项"],
	[z.enum(["a", "b"]), "c", "expected one of a, b", "应为其中之一：a, b"],
	[z.iso.datetime(), "soon", "expected a time such as 2027-01-31T16:00:00Z", "应为时间，如 2027-01-31T16:00:00Z"],
	[z.string().regex(/^x$/, { error: "expected an x" }), "y", "expected an x", "expected an x"],
])("%#: %j is refused in words", (schema, value, english, chinese) => {
	const said = schema.safeParse(value, { error: inWords }).error?.issues[0]?.message;
	expect(said).toBe(english);
	expect(fieldText(serverWords, said ?? "")).toBe(chinese);
	expect(fieldText(null, said ?? "")).toBe(english);
});
