// What the doctor, tests and examples use of stompit 1.0, which has no types of its own.

declare module 'stompit' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex, Readable, Writable } from 'node:stream';

  export interface ConnectOptions {
    readonly host: string;
    readonly port: number;
    readonly ssl?: boolean;
    /** All options go to net.connect, too. */
    readonly noDelay?: boolean;
    readonly ca?: Buffer;
    readonly connectHeaders?: Readonly<Record<string, string>>;
  }

  export interface Message extends Readable {
    readonly headers: Readonly<Record<string, string>>;
    readString(encoding: string, callback: (error: Error | null, text?: string) => void): void;
  }

  export interface Subscription {
    unsubscribe(): void;
  }

  export interface Transaction {
    send(headers: Readonly<Record<string, string>>): Writable;
    commit(options?: { readonly onReceipt?: () => void }): void;
    abort(options?: { readonly onReceipt?: () => void }): void;
  }

  export class Client extends EventEmitter {
    constructor(stream: Duplex, options?: object);
    connect(headers: Readonly<Record<string, string>>, callback: (error: Error | null, client: Client) => void): void;
    begin(): Transaction;
    send(headers: Readonly<Record<string, string>>, options?: { readonly onReceipt?: () => void }): Writable;
    subscribe(
      headers: Readonly<Record<string, string>>,
      onMessage: (error: Error | null, message: Message) => void,
    ): Subscription;
    ack(message: Message): void;
    nack(message: Message): void;
    disconnect(callback?: (error: Error | null) => void): void;
    destroy(error?: Error): void;
  }

  export function connect(options: ConnectOptions, callback: (error: Error | null, client: Client) => void): void;

  const stompit: { readonly connect: typeof connect; readonly Client: typeof Client };
  export default stompit;
}
