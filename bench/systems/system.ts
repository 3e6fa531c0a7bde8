/** A broker or an emulator that is measured, in a process of its own. */
export interface System extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Where it listens, by protocol. */
  readonly ports: Readonly<Partial<Record<'amqp' | 'mqtt' | 'stomp' | 'cloud', number>>>;
  /** Where its control API is, with its token; of the engine. */
  readonly consoleUrl?: string;
  /** The name of a queue as its clients give it. */
  readonly address: (protocol: 'amqp' | 'mqtt' | 'stomp', name: string) => string;
}

/** How a system is started, each time anew and empty. */
export interface Launcher {
  readonly name: string;
  /** Where it keeps messages while it is measured. */
  readonly keeps: 'on disk' | 'in memory';
  start(): Promise<System>;
}

/** Names of queues and topics as most systems take them. */
export function plainAddress(protocol: 'amqp' | 'mqtt' | 'stomp', name: string): string {
  return protocol === 'stomp' ? `/queue/${name}` : name;
}
