// A client made of a socket: sends any bytes, and reads what comes, as bytes or as packets by another codec than ours.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import mqttPacket from 'mqtt-packet';
import type { IConnectPacket, IPublishPacket, ISubscription, Packet } from 'mqtt-packet';

const enoughBytes = 256 * 1024;

export class RawClient implements AsyncDisposable {
  /** Resolves once the server has closed the connection. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  /** Of MQTT: which its packets are in. */
  version: 4 | 5 = 4;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const closed = Promise.withResolvers<void>();
    this.closed = closed.promise;
    const ended = (): void => {
      this.#ended = true;
      closed.resolve();
      this.#wake?.();
    };
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      // What is not taken is copied with every chunk: better not much of it.
      if (this.#bytes.length > enoughBytes) socket.pause();
      this.#wake?.();
    });
    socket.on('error', ended);
    socket.on('end', ended);
    socket.on('close', ended);
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Connected; the CONNACK must be `returnCode`. */
  static async connect(port: number, options: Partial<IConnectPacket> & { readonly returnCode?: number } = {}) {
    const { returnCode = 0, ...fields } = options;
    const client = await RawClient.open(port);
    client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'raw', clean: true, ...fields });
    const connack = await client.next('connack');
    if (connack.returnCode !== returnCode) throw new Error(`CONNACK ${connack.returnCode}`);
    return Object.assign(client, { sessionPresent: connack.sessionPresent });
  }

  /** Connected by MQTT 5; the CONNACK must be `reasonCode`. */
  static async connect5(port: number, options: Partial<IConnectPacket> & { readonly reasonCode?: number } = {}) {
    const { reasonCode = 0, ...fields } = options;
    const client = await RawClient.open(port);
    client.version = 5;
    client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clientId: 'raw', clean: true, ...fields });
    const connack = await client.next('connack');
    if (connack.reasonCode !== reasonCode) throw new Error(`CONNACK ${connack.reasonCode}`);
    return Object.assign(client, { connack, sessionPresent: connack.sessionPresent });
  }

  send(packet: Packet | Buffer): void {
    const { version: protocolVersion } = this;
    this.#socket.write(Buffer.isBuffer(packet) ? packet : mqttPacket.generate(packet, { protocolVersion }));
  }

  publish(topic: string, payload: string | Buffer, fields: Partial<IPublishPacket> = {}): void {
    this.send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false, ...fields });
  }

  /** Resolves with the codes of SUBACK. */
  async subscribe(
    topic: string,
    qos: 0 | 1 | 2 = 0,
    options: Partial<ISubscription> & { readonly identifier?: number } = {},
  ): Promise<readonly number[]> {
    const { identifier, ...asked } = options;
    const properties = identifier === undefined ? {} : { properties: { subscriptionIdentifier: identifier } };
    this.send({ cmd: 'subscribe', messageId: 65_000, subscriptions: [{ topic, qos, ...asked }], ...properties });
    const { granted } = await this.next('suback');
    return granted.map(Number);
  }

  /** The next packet, which must be of this kind. */
  async next<Kind extends Packet['cmd']>(kind: Kind): Promise<Extract<Packet, { cmd: Kind }>> {
    const packet = await this.nextPacket();
    if (packet.cmd !== kind) throw new Error(`${kind} expected, not ${JSON.stringify(packet)}`);
    return packet as Extract<Packet, { cmd: Kind }>;
  }

  async nextPacket(): Promise<Packet> {
    return parse(await this.packetBytes(), this.version);
  }

  /** The next packet as it came. */
  async packetBytes(): Promise<Buffer> {
    for (;;) {
      const length = packetLength(this.#bytes);
      if (length !== undefined && length <= this.#bytes.length) return this.#take(length);
      await this.#more();
    }
  }

  /** Exactly so many bytes; fewer if the connection is closed before. */
  async bytes(count: number): Promise<Buffer> {
    while (this.#bytes.length < count && !this.#ended) await this.#more();
    return this.#take(Math.min(count, this.#bytes.length));
  }

  /**
   * Everything that came before the answer to a PINGREQ: to one that was sent after the answer to another, so that what was
   * sent together with the first is committed and delivered.
   */
  async untilPong(): Promise<Packet[]> {
    const packets: Packet[] = [];
    for (let pongs = 0; pongs < 3; pongs++) {
      this.send({ cmd: 'pingreq' });
      for (let packet = await this.nextPacket(); packet.cmd !== 'pingresp'; packet = await this.nextPacket()) {
        packets.push(packet);
      }
    }
    return packets;
  }

  /** Everything that is left, once the connection is closed. */
  async rest(): Promise<Buffer> {
    this.#socket.resume();
    await this.closed;
    return this.#take(this.#bytes.length);
  }

  /** Reads no more until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends the connection without a DISCONNECT. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Resolves when the system has taken what was sent, or takes no more. */
  async written(): Promise<void> {
    const length = this.#socket.writableLength;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#socket.writableLength < length) await this.written();
  }

  /** Says that nothing more will be sent. */
  end(): void {
    this.#socket.end();
  }

  /** Ends the connection as a client should. */
  async disconnect(): Promise<void> {
    this.send({ cmd: 'disconnect' });
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error(`closed, with ${this.#bytes.toString('hex')} left`);
    this.#socket.resume();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(count: number): Buffer {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }
}

/** Length of the packet at the beginning, header included; undefined: not known yet. */
function packetLength(bytes: Buffer): number | undefined {
  let length = 0;
  for (let at = 1; at < bytes.length && at < 5; at++) {
    length += (bytes[at]! & 0x7f) * 128 ** (at - 1);
    if (bytes[at]! < 0x80) return at + 1 + length;
  }
  return undefined;
}

function parse(bytes: Buffer, protocolVersion: 4 | 5): Packet {
  const parser = mqttPacket.parser({ protocolVersion });
  let parsed: Packet | undefined;
  parser.on('packet', (packet) => (parsed = packet));
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.parse(bytes);
  if (parsed === undefined) throw new Error(`not a packet: ${bytes.toString('hex')}`);
  return parsed;
}
