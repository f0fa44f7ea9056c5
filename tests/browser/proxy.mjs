// A network that can be cut: passes bytes between clients and the server until told otherwise.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Proxy {
  #server;
  #sockets = new Set();

  /** Stands in front of the server until the test `t` ends. */
  static async before(t, { host }) {
    const proxy = new Proxy(host);
    t.after(() => proxy.#close());
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  constructor(host) {
    const { hostname, port } = new URL(`http://${host}`);
    this.#server = createServer((client) => {
      const upstream = connect(port, hostname);
      this.#join(client, upstream);
      this.#join(upstream, client);
    });
  }

  get host() {
    return `127.0.0.1:${this.#server.address().port}`;
  }

  get origin() {
    return `http://${this.host}`;
  }

  /** Cuts all connections, without a goodbye. New ones pass. */
  cut() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #join(from, to) {
    this.#sockets.add(from);
    from.pipe(to);
    from.on("error", () => {});
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #close() {
    this.cut();
    this.#server.close();
  }
}
