export function AgentPage() {
	return <p>AgentPage</p>;
}
