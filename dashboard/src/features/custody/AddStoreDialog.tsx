import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { addStore } from "../../api/custody.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { useSite } from "../../ui/site-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useFieldErrors } from "../session/use-field-errors.ts";
import { useProblemText } from "../session/use-problem-text.ts";

const ID = "[A-Za-z0-9._\\-]{1,64}";

/** Sets up a locked store in a room. */
export function AddStoreDialog({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const { rooms, doors } = useSite();
	const [given, setGiven] = useState({ id: "", name: "", room: rooms[0]?.id ?? "", door: "" });
	const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
	const act = useAct(addStore, ["media-stores"], onClose);
	const wrong = useFieldErrors(act.error);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ id: given.id.trim(), name: given.name.trim(), room: given.room, door: given.door || null });
	};
	return (
		<Dialog title={t("custody.addStore")} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="add-store">
				<FormError text={textOf(act.error)} />
				<TextInput
					name="id"
					label={t("custody.storeId")}
					description={t("custody.storeIdHint")}
					data-autofocus
					required
					pattern={ID}
					value={given.id}
					error={wrong("id")}
					onChange={(event) => set({ id: event.currentTarget.value })}
				/>
				<TextInput
					name="name"
					label={t("custody.name")}
					required
					maxLength={120}
					value={given.name}
					error={wrong("name")}
					onChange={(event) => set({ name: event.currentTarget.value })}
				/>
				<NativeSelect
					name="room"
					label={t("custody.room")}
					value={given.room}
					error={wrong("room")}
					data={rooms.map(({ id, name }) => ({ value: id, label: name }))}
					onChange={(event) => set({ room: event.currentTarget.value })}
				/>
				<NativeSelect
					name="door"
					label={t("custody.door")}
					value={given.door}
					error={wrong("door")}
					data={[{ value: "", label: t("custody.noDoor") }, ...doors.map(({ id, name }) => ({ value: id, label: name }))]}
					onChange={(event) => set({ door: event.currentTarget.value })}
				/>
				<div className="dialog-actions">
					<Button variant="default" type="button" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("custody.addStore")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
