import type { findingTexts as pattern } from "../en/findings.ts";

/** 发现的内容（中文）。 */
export const findingTexts: typeof pattern = {
	findingWords: {
		denied: "拒绝：{{reason}}",
		duress: "有人发出受胁迫的信号",
		lostShown: "出示了已报{{state}}的卡：{{result}}",
		leftUsed: "使用了已离职人员的卡：{{result}}",
		endedUsed: "使用了状态为“{{state}}”的卡：{{result}}",
		takenUsed: "使用了权限已被收回的卡：{{result}}",
		grantedAgainst: "控制器已放行；我们的记录：{{reason}}",
		deniedAgainst: "控制器已拒绝（{{reason}}）；我们的记录：允许",
		inAgain: "{{door}}：未出又入",
		outUnseen: "{{door}}：未入先出",
		interlockDenied: "{{door}}：互锁的另一扇门开着",
		interlockOpen: "{{other}}开着时{{door}}被打开",
		oneFactor: "{{door}}仅凭{{method}}打开",
		guessing: "{{door}}一分钟内被拒 {{times}} 次",
		everywhere: "同一张卡一分钟内在 {{times}} 扇门被拒",
		travel: "{{seconds}} 秒内从{{door}}到{{other}}，相距 {{metres}} 米",
		afterHours: "在通常时段之外进入{{zone}}",
		leftAfterHours: "在通常时段之外离开{{zone}}",
		noEscort: "访客通过{{door}}，无陪同人",
		escortElsewhere: "访客通过{{door}}，陪同人未同行",
		withoutGrant: "{{door}}在无授权且无出门请求时被打开",
		alone: "{{door}}由一人单独打开",
		forced: "{{door}}被强行打开",
		held: "{{door}}未关",
		tamper: "{{door}}的防拆触点",
	},
	findingPage: {
		ofDoor: "此门的发现",
		ofHolder: "与此人有关的发现",
		toAlarm: "告警",
		ofAlarm: "{{door}}的发现",
	},
};
