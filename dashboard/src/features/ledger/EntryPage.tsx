import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { EvidencePack } from "../../../../contracts/ledger.ts";
import { evidenceQuery, evidenceUrl } from "../../api/evidence.ts";
import { Loaded } from "../../ui/Loaded.tsx";
import { When } from "../../ui/When.tsx";
import { isIncluded } from "./inclusion.ts";

const route = getRouteApi("/ledger/$index");

/** One entry with its proof, checked here in the browser, and how to check it without us. */
export function EntryPage() {
	const { t } = useTranslation();
	const { index } = route.useParams();
	const pack = useQuery(evidenceQuery(Number(index)));
	return (
		<div className="page">
			<div className="page-head">
				<h1>{t("ledger.entry", { index })}</h1>
				<Link to="/ledger">{t("ledger.all")}</Link>
			</div>
			<Loaded query={pack}>{(evidence) => <Evidence pack={evidence} />}</Loaded>
		</div>
	);
}

function Evidence({ pack }: { pack: EvidencePack }) {
	const { t } = useTranslation();
	const { index, leaf, type, at } = pack.entry;
	const file = `watchroom-entry-${index}.json`;
	const check = useQuery({
		queryKey: ["inclusion", index, pack.proof.treeSize, leaf],
		// Browsers give WebCrypto to pages over TLS and on this machine only.
		queryFn: async () => (globalThis.crypto?.subtle ? ((await isIncluded(pack)) ? "good" : "bad") : "unable") as "good" | "bad" | "unable",
		staleTime: Number.POSITIVE_INFINITY,
	});
	return (
		<>
			<section className="panel panel-body stack" aria-label={t("ledger.proof")}>
				<p role="status" data-testid="inclusion" data-result={check.data} className={check.data === "bad" ? "form-error" : "note"}>
					{check.data ? t(`ledger.check.${check.data}`, { size: pack.proof.treeSize }) : t("app.loading")}
				</p>
				<p>
					{type}, <When at={at} />
				</p>
				<p>
					<a href={evidenceUrl(index)} download={file}>
						{t("ledger.download")}
					</a>
				</p>
				<p>{t("ledger.command")}</p>
				<pre className="pre">npm run watchroom -- verify {file}</pre>
				<p className="dim">{t("ledger.commandHint")}</p>
			</section>
			<section className="panel panel-body stack" aria-label={t("ledger.content")}>
				<h2>{t("ledger.content")}</h2>
				<pre className="pre">{leafText(leaf)}</pre>
				<h2>{t("ledger.path", { count: pack.proof.hashes.length })}</h2>
				<ol className="secret">
					{pack.proof.hashes.map((hash) => (
						<li key={hash}>{hash}</li>
					))}
				</ol>
				<h2>{t("ledger.checkpoint")}</h2>
				<pre className="pre">{pack.proof.checkpoint}</pre>
			</section>
		</>
	);
}

function leafText(base64: string): string {
	const text = new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;
	}
}
