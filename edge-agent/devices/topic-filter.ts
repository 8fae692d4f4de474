/** Whether a topic matches a filter (MQTT 3.1.1 §4.7): `+` is one level, `#` at the end all that follow. */
export function matchesTopic(filter: string, topic: string): boolean {
	const wanted = filter.split("/");
	const levels = topic.split("/");
	// §4.7.2: wildcards at the first level don't match topics that begin with $.
	if (topic.startsWith("$") && (wanted[0] === "+" || wanted[0] === "#")) return false;
	for (let index = 0; index < wanted.length; index++) {
		if (wanted[index] === "#") return true;
		if (index >= levels.length) return false;
		if (wanted[index] !== "+" && wanted[index] !== levels[index]) return false;
	}
	return wanted.length === levels.length;
}
