// Bounds what all WebSockets together may make the engine hold in messages that are not complete. TCP's dialects see bytes as
// they come, and bound what is unfinished before anyone has logged in; a WebSocket's message is seen when it is whole.

import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export class InboundBudget {
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Ends the connection whose bytes are too many. */
  watch(socket: Duplex, webSocket: WebSocket): void {
    let held = 0;
    const release = (): void => {
      this.#heldBytes -= held;
      held = 0;
    };
    // Before the library sees them: what then completes a message is let go of again.
    socket.prependListener('data', (chunk: Buffer) => {
      held += chunk.length;
      this.#heldBytes += chunk.length;
      if (this.#heldBytes > this.#limitBytes) webSocket.terminate();
    });
    webSocket.on('message', release);
    // Control frames may come between the fragments of a message: they carry too little to matter.
    webSocket.on('close', release);
  }
}
