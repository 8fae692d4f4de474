/** Chinese texts: changes. */
import type { Texts } from "../en.ts";

export const changeTexts: Pick<Texts, "change"> = {
	change: {
		title: "变更",
		tabs: {
			waiting: "待处理",
			mine: "我的",
			decided: "已决定",
		},
		empty: {
			waiting: "没有待决定的变更",
			mine: "您没有提议任何变更",
			decided: "尚无已决定的变更",
		},
		waitingFor: "待您处理",
		what: "变更",
		state: "状态",
		by: "提议人",
		at: "提议时间",
		expires: "到期",
		expiresIn: "{{age}}后",
		decidedBy: "决定人",
		details: "变更详情",
		reason: "理由",
		reasonHint: "为何需要；批准人和审计员会看到",
		before: "变更前",
		after: "变更后",
		approve: "批准",
		reject: "驳回",
		withdraw: "撤回",
		propose: "提议",
		proposed: "已提议，由另一位人员决定。",
		proof: "账本条目 {{index}}",
		states: {
			pending: "待决定",
			applied: "已批准并生效",
			rejected: "已驳回",
			withdrawn: "已撤回",
			expired: "已过期",
			stale: "已被其他变更取代",
		},
		retention: {
			title: "数据保存期限",
			data: "数据",
			change: "更改",
			propose: "提议更改数据保存期限",
			of: {
				audit: "审计日志",
				readings: "原始读数",
				"minute-readings": "每分钟读数",
				"hour-readings": "每小时读数",
			},
		},
		kinds: {
			"role-grant": "提议授予角色",
			"role-revocation": "提议撤销角色",
			"role-renewal": "提议续期角色",
			"account-closure": "提议关闭账户",
		},
		short: {
			"role-revocation": "撤销",
			"role-renewal": "续期",
			"account-closure": "关闭账户",
		},
	},
};
