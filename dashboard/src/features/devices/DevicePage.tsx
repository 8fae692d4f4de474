export function DevicePage() {
	return <p>DevicePage</p>;
}
