import type { RequestHandler } from "express";
import helmet from "helmet";

/**
 * Response headers for a page whose scripts all come from here. Styles may be inline, since Mantine writes them so; scripts
 * may not. No HSTS and no upgrade to https: the server speaks plain HTTP on the loopback interface.
 */
export function securityHeaders(): RequestHandler {
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
				connectSrc: ["'self'", "ws://localhost:*", "ws://127.0.0.1:*"],
				workerSrc: ["'self'", "blob:"],
				objectSrc: ["'none'"],
				frameAncestors: ["'none'"],
				formAction: ["'self'"],
			},
		},
		strictTransportSecurity: false,
		crossOriginEmbedderPolicy: false,
		referrerPolicy: { policy: "same-origin" },
		xFrameOptions: { action: "deny" },
	});
}
