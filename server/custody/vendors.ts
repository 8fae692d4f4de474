/** Names that mean the same however they are written, and the makers of hardware: what is one medium, and to whom none ever goes (MED-5); pure. */

/** Letters of other scripts that nobody tells from Latin ones (Unicode TR 39, the part that spells names of makers). */
const LOOK_ALIKES = new Map(
	Object.entries({
		а: "a",
		в: "b",
		с: "c",
		ԁ: "d",
		е: "e",
		н: "h",
		һ: "h",
		і: "i",
		ј: "j",
		к: "k",
		ӏ: "l",
		м: "m",
		о: "o",
		р: "p",
		ѕ: "s",
		т: "t",
		υ: "u",
		ѵ: "v",
		х: "x",
		у: "y",
		α: "a",
		β: "b",
		ε: "e",
		η: "n",
		ι: "i",
		κ: "k",
		ν: "v",
		ο: "o",
		ρ: "p",
		τ: "t",
		χ: "x",
		ı: "i",
	}),
);

/** Without what can't be seen or is written in several ways: width, case, accents, look-alikes. */
const folded = (text: string): string =>
	text
		.normalize("NFKC")
		.toLowerCase()
		.normalize("NFD")
		.replaceAll(/[\p{M}\p{Cf}]/gu, "")
		.replaceAll(/\p{L}/gu, (letter) => LOOK_ALIKES.get(letter) ?? letter);
const words = (text: string): string[] =>
	folded(text)
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== "");

/** Makers of media, servers and storage systems, each by all its names; the first one stands for it. */
const VENDORS: readonly (readonly string[])[] = [
	["seagate", "lacie", "希捷"],
	["westerndigital", "wd", "wdc", "hgst", "sandisk", "西部数据", "西数", "闪迪"],
	["toshiba", "kioxia", "东芝", "铠侠"],
	["samsung", "三星"],
	["micron", "crucial", "美光", "英睿达"],
	["intel", "solidigm", "英特尔", "思得"],
	["skhynix", "hynix", "海力士"],
	["kingston", "金士顿"],
	["hitachi", "日立"],
	["fujitsu", "富士通"],
	["fujifilm"],
	["ibm"],
	["dell", "emc", "dellemc", "戴尔"],
	["hpe", "hp", "hewlett", "hewlettpackard", "惠普", "慧与"],
	["lenovo", "联想"],
	["huawei", "华为", "超聚变"],
	["inspur", "浪潮"],
	["h3c", "新华三"],
	["supermicro", "超微"],
	["netapp"],
	["cisco", "思科"],
	["sugon", "曙光"],
	["ymtc", "长江存储"],
	["memblaze", "忆恒创源"],
	["dapustor", "大普微"],
];
/** What nobody says of scrap. */
const RETURNS = ["rma", "warranty", "保修", "质保", "返修", "返厂", "退换"];
/** A Latin name that is long enough to be no part of another word. */
const LONG = 6;

function carries(all: readonly string[], name: string): boolean {
	if (all.includes(name)) return true;
	return (name.length >= LONG || /\p{Script=Han}/u.test(name)) && all.join("").includes(name);
}
const vendorIn = (all: readonly string[]): string | undefined => VENDORS.find((names) => names.some((name) => carries(all, name)))?.[0];

/** Whether media that go to this organisation go back to a vendor: it is one, its name says so, or it carries the maker's. */
export function namesVendor(organisation: string, maker?: string): boolean {
	const all = words(organisation);
	if (vendorIn(all) !== undefined || RETURNS.some((word) => carries(all, word))) return true;
	const [first] = maker === undefined ? [] : words(maker).filter((word) => word.length > 1);
	return first !== undefined && carries(all, first);
}

/** The same for the same medium, however somebody writes its maker and its serial number. */
export function identityOf({ maker, serial }: { maker: string; serial: string }): string {
	const all = words(maker);
	return JSON.stringify([vendorIn(all) ?? all.join(""), folded(serial).replaceAll(/\s/g, "")]);
}
