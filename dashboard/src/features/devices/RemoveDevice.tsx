import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProposeDialog } from "../changes/ProposeDialog.tsx";

/** Proposes that an added device is taken away. */
export function RemoveDevice({ id, name }: { id: string; name: string }) {
	const { t } = useTranslation();
	const [removing, setRemoving] = useState(false);
	const [done, setDone] = useState(false);
	if (done) return <p role="status">{t("change.proposed")}</p>;
	return (
		<>
			<Button variant="default" onClick={() => setRemoving(true)}>
				{t("onboarding.remove")}
			</Button>
			{removing && (
				<ProposeDialog
					title={t("onboarding.remove")}
					subject={name}
					testId="remove-device"
					reasonFirst
					proposal={(reason) => ({ kind: "device", device: id, change: { act: "remove" }, reason })}
					onClose={() => setRemoving(false)}
					onDone={() => {
						setRemoving(false);
						setDone(true);
					}}
				/>
			)}
		</>
	);
}
