export function PointsPage() {
	return <p>PointsPage</p>;
}
