import { useTranslation } from "react-i18next";
import { roleSchema } from "../../../../contracts/permissions.ts";

/** Writes a role's name; what this dashboard doesn't know is written as it came. */
export function useRoleText(): (role: string) => string {
	const { t } = useTranslation();
	return (role) => {
		const known = roleSchema.safeParse(role);
		return known.success ? t(`role.${known.data}`) : role;
	};
}
