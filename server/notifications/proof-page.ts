/** The small pages behind the link of a test alarm: no scripts, no log-in, both languages, since whoever opens them has just been woken. */

/** The link of one receiver of a test alarm; instants are Unix ms. */
export interface Proof {
	person: string;
	/** When the test began. */
	at: number;
	/** `null`: the link wasn't used yet. */
	confirmedAt: number | null;
	/** The site's. */
	timeZone: string;
}

/** Asks for the confirmation, or says when it was given. */
export function proofPage({ person, at, confirmedAt, timeZone }: Proof): string {
	const english = (time: number) => timeTag(time, timeZone, "en-GB");
	const chinese = (time: number) => timeTag(time, timeZone, "zh-CN");
	if (confirmedAt !== null)
		return html(
			"Confirmed already · 此前已确认",
			`<p>${escaped(person)} confirmed the test alarm of ${english(at)} already, on ${english(confirmedAt)}.</p>
		<p lang="zh">${escaped(person)} 已于 ${chinese(confirmedAt)} 确认 ${chinese(at)} 的测试告警。</p>`,
		);
	return html(
		"Test alarm · 测试告警",
		`<p>The test alarm of ${english(at)} has reached ${escaped(person)}.</p><p lang="zh">${chinese(at)} 的测试告警已送达 ${escaped(person)}。</p>
		<form method="post"><button type="submit">Confirm · <span lang="zh">确认</span></button></form>`,
	);
}

export function donePage(): string {
	return html("Confirmed · 已确认", `<p>Thank you: it is recorded that the test alarm reached you.</p><p lang="zh">谢谢，已记录测试告警送达。</p>`);
}

export function unknownPage(): string {
	return html("Unknown link · 链接无效", `<p>This link is not known.</p><p lang="zh">该链接无效。</p>`);
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

function timeTag(at: number, timeZone: string, locale: string): string {
	const clock = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone, timeZoneName: "short" } as const;
	return `<time datetime="${new Date(at).toISOString()}">${new Intl.DateTimeFormat(locale, clock).format(at)}</time>`;
}
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
