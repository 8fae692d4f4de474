/**
 * Operations that raise an alarm at once (AUD-2), whoever does them. What fails or is refused
 * is of high risk only where the feature that writes the line says so. The approvals say so of every change that took two people.
 */
export const HIGH_RISK_OPERATIONS = [
	"role.grant",
	"account.close",
	"account.reset",
	"account.second-factor-replaced",
	"audit.export",
	"audit.key-rotate",
	"audit.tampered",
	"agent.revoke",
] as const;

/** `flagged`: what the feature itself says; it wins where it is given. */
export function isHighRisk(operation: string, result: "ok" | "refused" | "failed", flagged: boolean | undefined): boolean {
	if (flagged !== undefined) return flagged;
	return result === "ok" && HIGH_RISK_OPERATIONS.some((known) => known === operation);
}
