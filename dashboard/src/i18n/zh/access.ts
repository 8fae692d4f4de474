import type { accessTexts as pattern } from "../en/access.ts";

/** 门禁事件、门与缺失的事件编号（中文）。 */
export const accessTexts: typeof pattern = {
	doorStale: "{{stale}}，最后为{{state}}",
	accessMore: "加载更早的事件",
	accessReasons: {
		granted: "允许",
		"denied-unknown-credential": "未知的卡或指纹",
		"denied-no-rights": "无此门权限",
		"denied-expired": "凭证已过期",
		"denied-not-yet-active": "凭证尚未生效",
		"denied-disabled": "凭证已停用",
		"denied-lost": "卡已挂失",
		"denied-stolen": "卡已报失窃",
		"denied-out-of-time": "不在允许的时段",
		"denied-passback": "反潜回：未出再入或未入再出",
		"denied-interlock": "互锁：另一扇门开着",
		"denied-incorrect-factor": "第二要素不符",
		"denied-factor-timeout": "第二要素超时",
		"denied-lockout": "尝试过多，已锁定",
		"denied-max-attempts": "尝试次数过多",
		"denied-no-accompaniment": "需要第二人同行",
		"denied-occupancy-limit": "房间人数超出限制",
		"denied-threat-level": "威胁级别过高",
		"denied-deny-all": "此门对所有人关闭",
		"denied-other": "因其他原因拒绝",
		duress: "胁迫",
	},
	gaps: {
		title: "缺失的事件",
		none: "没有缺失的事件",
		numbers: "事件编号",
		missing: "仍缺失",
		noticed: "发现时间",
	},
};
