// Keeps the page of the media work on the device, so that it opens without a network. Only files of the page: what the server says is
// never kept here, and no other page is.
const CACHE = `watchroom-work-${"@version"}`;
const PAGE = "/work.html";
const FILES = ["@files"];

self.addEventListener("install", (event) => {
	event.waitUntil(
		caches
			.open(CACHE)
			.then((cache) => cache.addAll([PAGE, ...FILES].map((file) => new Request(file, { cache: "reload" }))))
			.then(() => self.skipWaiting()),
	);
});

self.addEventListener("activate", (event) => {
	event.waitUntil(
		caches
			.keys()
			.then((names) => Promise.all(names.filter((name) => name.startsWith("watchroom-work-") && name !== CACHE).map((name) => caches.delete(name))))
			.then(() => self.clients.claim()),
	);
});

self.addEventListener("fetch", (event) => {
	const { pathname, origin } = new URL(event.request.url);
	if (event.request.method !== "GET" || origin !== self.location.origin) return;
	// The page itself from the server where there is one: a new version is seen at once.
	if (event.request.mode === "navigate" && pathname === PAGE)
		event.respondWith(fetch(event.request).catch(() => caches.match(PAGE).then((kept) => kept ?? Response.error())));
	else if (FILES.includes(pathname)) event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(event.request)));
});
