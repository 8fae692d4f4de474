/**
 * The commonest words of leaked password lists, with those of this product, in lower case. Short ones stand here too: digits and
 * signs around a word and its repetitions are looked through (see password.ts).
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
	`password passw0rd p@ssword p@ssw0rd pass passwort mypassword thepassword passwordpassword changeme changemenow changeit letmein letmeinnow
	welcome welcometo admin administrator administration adminadmin root rootroot superuser sysadmin system operator security default guest user
	username login logmein secret secretpassword topsecret qwerty qwertyuiop qwertyuiopasdf qwertyqwerty qwertz qwertzuiop azerty azertyuiop
	asdfghjkl asdfasdf asdf zxcvbnm zxcvbn qazwsx qazwsxedc qazwsxedcrfv 1qaz2wsx 1qaz2wsx3edc 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5y6
	iloveyou iloveyouso ilovegod loveyou lovely love babygirl sunshine princess football baseball basketball superman batman spiderman pokemon
	starwars dragon monkey monkeymonkey master shadow michael jennifer jordan hunter hunter2 killer trustno1 whatever nothing freedom computer internet
	samsung google facebook microsoft windows liverpool chelsea arsenal barcelona charlie thomas daniel andrew joshua matthew ashley jessica nicole
	summer winter spring autumn january february march april june july august september october november december monday friday
	correcthorsebatterystaple correct horse battery staple correct-horse-battery-staple thisismypassword opensesame abracadabra
	watchroom watchroompassword watchroomadmin datacenter datacentre serverroom demo demodemo test testtest testing testpassword temp temporary
	company office manager supervisor service support oracle postgres database cisco ubnt raspberry`
		.split(/\s+/)
		.filter((word) => word !== ""),
);
