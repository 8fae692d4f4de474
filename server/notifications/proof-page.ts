/** The small pages behind the link of a test alarm: no scripts, no log-in, both languages, since whoever opens them has just been woken. */

/** `at`: when the test began, Unix ms. */
export function confirmPage({ person, at }: { person: string; at: number }): string {
	const time = `<time datetime="${new Date(at).toISOString()}">${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC</time>`;
	return html(
		"Test alarm · 测试告警",
		`<p>The test alarm of ${time} has reached ${escaped(person)}.</p><p lang="zh">${time} 的测试告警已送达 ${escaped(person)}。</p>
		<form method="post"><button type="submit">Confirm · <span lang="zh">确认</span></button></form>`,
	);
}

export function donePage(): string {
	return html("Confirmed · 已确认", `<p>Thank you: it is recorded that the test alarm reached you.</p><p lang="zh">谢谢，已记录测试告警送达。</p>`);
}

export function unknownPage(): string {
	return html("Unknown link · 链接无效", `<p>This link is not known, or it was used before.</p><p lang="zh">该链接无效或已使用。</p>`);
}

function html(title: string, body: string): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>
:root { color-scheme: light dark; }
body { font: 18px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; }
button { font: inherit; padding: .75rem 1.5rem; min-height: 48px; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
