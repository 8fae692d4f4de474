import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContactView } from "../../../../contracts/roster.ts";
import { contactsQuery, putContact, ROSTER_KEYS } from "../../api/roster.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { FormError } from "../../ui/FormError.tsx";
import { Empty, Loaded } from "../../ui/Loaded.tsx";
import { useMay, useSession } from "../session/session-context.ts";
import { useAct } from "../session/use-act.tsx";
import { useProblemText } from "../session/use-problem-text.ts";

/** Where the people of the roster are reached. */
export function Contacts() {
	const { t } = useTranslation();
	const { user } = useSession();
	const [serves, manages] = [useMay("roster.serve"), useMay("roster.manage")];
	const [chosen, setChosen] = useState<ContactView | null>(null);
	return (
		<section className="panel table-scroll" aria-labelledby="roster-contacts">
			<div className="panel-head">
				<h2 id="roster-contacts">{t("roster.contacts")}</h2>
			</div>
			<Loaded query={useQuery(contactsQuery)} rows={4}>
				{(people) =>
					people.length === 0 ? (
						<Empty title={t("roster.noContact")} />
					) : (
						<table className="plain-table">
							<thead>
								<tr>
									<th scope="col">{t("roster.person")}</th>
									<th scope="col">{t("roster.email")}</th>
									<th scope="col">{t("roster.phone")}</th>
									<th scope="col">
										<span className="visually-hidden">{t("roster.change")}</span>
									</th>
								</tr>
							</thead>
							<tbody>
								{people.map((contact) => (
									<tr key={contact.person} data-testid="contact" data-person={contact.person}>
										<th scope="row">{contact.name}</th>
										<td>
											{contact.email ?? <span className="is-abnormal">{t("roster.unreachable")}</span>}{" "}
											{contact.emailOfAccount && <span className="dim">{t("roster.ofAccount")}</span>}
										</td>
										<td>{contact.phone ?? <span className="dim">–</span>}</td>
										<td>
											{serves && (manages || contact.person === user.username) && (
												<Button
													size="compact-xs"
													variant="default"
													aria-label={`${t("roster.change")}: ${contact.name}`}
													onClick={() => setChosen(contact)}
												>
													{t("roster.change")}
												</Button>
											)}
										</td>
									</tr>
								))}
							</tbody>
						</table>
					)
				}
			</Loaded>
			{chosen && <ContactDialog contact={chosen} onClose={() => setChosen(null)} />}
		</section>
	);
}

function ContactDialog({ contact, onClose }: { contact: ContactView; onClose: () => void }) {
	const { t } = useTranslation();
	const textOf = useProblemText();
	const [email, setEmail] = useState(contact.emailOfAccount ? "" : (contact.email ?? ""));
	const [phone, setPhone] = useState(contact.phone ?? "");
	const act = useAct(putContact, ROSTER_KEYS, onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (!act.pending) act.run({ person: contact.person, email: email.trim() || null, phone: phone.replaceAll(/[\s()/-]/g, "") || null });
	};
	return (
		<Dialog title={contact.name} onClose={onClose}>
			<form onSubmit={submit} className="dialog-form" data-testid="contact-form">
				<FormError text={textOf(act.error)} />
				<TextInput
					type="email"
					label={t("roster.email")}
					description={t("roster.emailHint")}
					data-autofocus
					maxLength={254}
					value={email}
					onChange={(event) => setEmail(event.currentTarget.value)}
				/>
				<TextInput
					type="tel"
					label={t("roster.phone")}
					description={t("roster.phoneHint")}
					maxLength={30}
					value={phone}
					onChange={(event) => setPhone(event.currentTarget.value)}
				/>
				<div className="dialog-actions">
					<Button type="button" variant="default" onClick={onClose}>
						{t("alarm.cancel")}
					</Button>
					<Button type="submit" className="primary" loading={act.pending}>
						{t("roster.save")}
					</Button>
				</div>
			</form>
			{act.dialog}
		</Dialog>
	);
}
