/**
 * V8's settings for the long-running processes: a bounded young generation and a heap that grows in smaller steps keep their memory
 * low and flat; figures in docs/performance.md. The scripts `server` and `agent` of package.json repeat them.
 */
export const NODE_FLAGS = {
	server: ["--max-semi-space-size=16", "--heap-growing-percent=60"],
	agent: ["--max-semi-space-size=8", "--heap-growing-percent=60"],
};
