export interface InfluxEndpoint {
	protocol: "http" | "https";
	host: string;
	port: number;
	/** Path before `/write` and `/query`, "" at the root. */
	path: string;
	database: string;
	username: string;
	password: string;
}

/** Parses `INFLUX_URL`, `http://user:pass@host:8086/database`. Throws a TypeError that doesn't repeat the password. */
export function parseInfluxUrl(text: string): InfluxEndpoint {
	const url = URL.canParse(text) ? new URL(text) : null;
	const protocol = url?.protocol === "http:" ? "http" : url?.protocol === "https:" ? "https" : null;
	const path = url?.pathname.split("/").map(decodeURIComponent) ?? [];
	const database = path.pop() ?? "";
	if (!url || !protocol || database === "") throw new TypeError("INFLUX_URL: expected http://user:pass@host:8086/database");
	return {
		protocol,
		host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
		port: Number(url.port || (protocol === "https" ? 443 : 80)),
		path: path.join("/"),
		database,
		username: decodeURIComponent(url.username),
		password: decodeURIComponent(url.password),
	};
}
