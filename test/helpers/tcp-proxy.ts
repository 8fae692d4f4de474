import { connect, createServer, type Socket } from "node:net";

/** A network link that a test can cut: everything sent to `port` goes to `target` while the link is up. */
export interface TcpProxy {
	port: number;
	/** Breaks every connection and refuses new ones. */
	cut(): void;
	/** `target`: the port to which everything goes from now on, where that has changed. */
	restore(target?: number): void;
	stop(): Promise<void>;
}

export async function tcpProxy(target: number): Promise<TcpProxy> {
	let port = target;
	const sockets = new Set<Socket>();
	let up = true;
	const server = createServer((near) => {
		if (!up) {
			near.destroy();
			return;
		}
		const far = connect(port, "127.0.0.1");
		for (const [socket, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(socket);
			socket.on("error", () => other.destroy());
			socket.on("close", () => {
				sockets.delete(socket);
				other.destroy();
			});
			socket.pipe(other);
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	const breakAll = () => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		port: typeof address === "object" && address ? address.port : 0,
		cut() {
			up = false;
			breakAll();
		},
		restore(next = port) {
			port = next;
			up = true;
		},
		async stop() {
			breakAll();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
