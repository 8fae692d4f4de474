import type { RequestHandler } from "express";
import helmet from "helmet";

/**
 * Response headers for a page whose scripts all come from here. Styles may be inline, since Mantine writes them so; scripts
 * may not. On TLS browsers are told to come by TLS for the next year (HSTS, RFC 6797); plain HTTP on the loopback interface says
 * nothing of it.
 */
export function securityHeaders({ tls }: { tls: boolean } = { tls: false }): RequestHandler {
	return helmet({
		contentSecurityPolicy: {
			useDefaults: false,
			directives: {
				defaultSrc: ["'self'"],
				baseUri: ["'self'"],
				scriptSrc: ["'self'"],
				scriptSrcAttr: ["'none'"],
				styleSrc: ["'self'", "'unsafe-inline'"],
				imgSrc: ["'self'", "data:", "blob:"],
				fontSrc: ["'self'", "data:"],
				// Older browsers don't count WebSockets of the same host as 'self'.
				connectSrc: ["'self'", ...(tls ? [] : ["ws://localhost:*", "ws://127.0.0.1:*"])],
				workerSrc: ["'self'", "blob:"],
				objectSrc: ["'none'"],
				frameAncestors: ["'none'"],
				formAction: ["'self'"],
			},
		},
		strictTransportSecurity: tls && { maxAge: 365 * 86_400, includeSubDomains: false },
		crossOriginEmbedderPolicy: false,
		referrerPolicy: { policy: "same-origin" },
		xFrameOptions: { action: "deny" },
	});
}
