/** Chinese texts: ledger. */
import type { Texts } from "../en.ts";

export const ledgerTexts: Pick<Texts, "ledger"> = {
	ledger: {
		title: "账本",
		head: "最新检查点",
		size: "条目数",
		root: "根哈希",
		key: "验证密钥",
		checkpoint: "检查点",
		witnesses: "见证者",
		witness: "见证者",
		signedAt: "签署时间",
		noWitness: "尚无见证者",
		noWitnessHint: "边缘代理连接后即开始见证账本。",
		states: {
			current: "最新",
			behind: "落后",
			silent: "无响应",
			fork: "分叉",
		},
		entries: "条目",
		none: "账本为空",
		index: "序号",
		type: "类型",
		content: "内容",
		entry: "账本条目 {{index}}",
		all: "账本",
		proof: "证明",
		download: "下载证据包",
		command: "脱离本服务器验证：",
		commandHint: "请将密钥与通过其他途径获得的密钥比对。",
		path: "包含证明，{{count}} 个哈希",
		check: {
			good: "浏览器已验证：该条目包含在检查点所述的 {{size}} 个条目的树中。",
			bad: "浏览器发现证明与检查点的根不符（{{size}} 个条目）。请保存证据包并通知审计员。",
			unable: "浏览器仅在 HTTPS 下验证证明，请使用下面的命令（{{size}} 个条目的树）。",
		},
	},
};
