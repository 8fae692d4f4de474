import type { Metrics } from "../platform/metrics.ts";
import type { AuditLog } from "./audit-log.ts";

/** Shows how much is written to the audit log, and what could not be. */
export function auditMetrics(metrics: Metrics, audit: Pick<AuditLog, "figures">): void {
	metrics.total("watchroom_audit_lines_total", "Lines written to the audit log", () => audit.figures().written);
	metrics.total("watchroom_audit_folded_total", "Refusals counted in the line of another", () => audit.figures().folded);
	metrics.total("watchroom_audit_failed_total", "Lines that could not be written, each with the act that needed it", () => audit.figures().failed);
}
