import { readFileSync } from "node:fs";

/** CPU seconds used so far and resident memory (bytes) of a process; Linux's /proc, at 100 ticks a second. */
export function processUsage(pid: number): { cpuSeconds: number; rss: number } {
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
	// The name in parentheses may hold spaces: fields are counted from behind it (proc_pid_stat(5)).
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, rss: Number(fields[21]) * 4096 };
}
