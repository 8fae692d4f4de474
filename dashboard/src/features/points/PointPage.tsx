export function PointPage() {
	return <p>PointPage</p>;
}
