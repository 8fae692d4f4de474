/**
 * Whether two accounts are one person's, by what the access register knows now: the one answer for every act that takes two people. It knows
 * the accounts that are named at a holder; of others it says that they are two.
 */
export type SamePerson = (one: string, other: string) => boolean;
