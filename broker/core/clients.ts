// Who is connected, for people who watch: the console's list, and the means to end a connection.

export interface Client {
  readonly protocol: 'amqp' | 'mqtt' | 'stomp' | 'aws';
  /** Remote address and port. */
  readonly address: string;
  /** MQTT client identifier, AMQP container id, STOMP client-id; known once the peer said it. */
  clientId?: string | undefined;
  user?: string | undefined;
  messagesIn: number;
  messagesOut: number;
  /** Ends the connection, in its protocol's own way, for a reason that a person reads. */
  readonly disconnect: (reason: string) => void;
}

export interface ConnectedClient extends Client {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
}

export class Clients {
  readonly #clients = new Map<string, ConnectedClient>();
  readonly #now: () => number;
  /** Told of who comes and goes. */
  onChange: ((client: ConnectedClient, isThere: boolean) => void) | undefined;
  #lastId = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** The object is kept: the dialect counts in it while the connection lasts, and takes it out with `remove`. */
  add(client: Client): ConnectedClient {
    const connected = Object.assign(client, { id: String(++this.#lastId), connectedAt: this.#now() });
    this.#clients.set(connected.id, connected);
    this.onChange?.(connected, true);
    return connected;
  }

  remove(client: ConnectedClient): void {
    if (this.#clients.delete(client.id)) this.onChange?.(client, false);
  }

  get(id: string): ConnectedClient | undefined {
    return this.#clients.get(id);
  }

  [Symbol.iterator](): IterableIterator<ConnectedClient> {
    return this.#clients.values();
  }
}
