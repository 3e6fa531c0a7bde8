// A queue or topic behind STOMP 1.2 as a target: every SEND asks for a RECEIPT, which says that the broker has it. An ERROR
// that names the receipt refuses that one message; the connection is over, and made again.

import type { Parcel, RemoteTarget, TroubleKind } from '../../remote.ts';
import type { MappingRules } from '../../mapping.ts';
import { Answers } from './answers.ts';
import { usualTiming } from './far-broker.ts';
import type { FarEndOptions } from './far-broker.ts';
import { FarTarget } from './far-target.ts';
import type { Answer, Outlet } from './far-target.ts';
import { mapForStomp } from './map-for-broker.ts';
import { kindOfError, StompClient, textOf } from './stomp-client.ts';
import type { StompCodec, StompEnd, StompFrame } from './stomp-client.ts';
import { stompDestination } from './stomp-names.ts';
import { troubleWith } from './open-socket.ts';

export interface StompTargetOptions extends FarEndOptions {
  readonly codec: StompCodec;
  readonly rules: MappingRules;
}

export function stompTarget(options: StompTargetOptions): RemoteTarget {
  const { address, broker, codec, kind, name, rules } = options;
  return new FarTarget({
    address,
    broker,
    keepsOriginal: false,
    map: (message, crossing, notes) => mapForStomp(message, `${kind}://${name}`, rules, crossing, notes),
    connect: async (signal) => new StompOutlet(options, await StompClient.connect({ ...options, signal }, codec)),
  });
}

class StompOutlet implements Outlet {
  readonly #options: StompTargetOptions;
  readonly #client: StompClient;
  readonly #destination: string;
  readonly #answers: Answers<string>;

  constructor(options: StompTargetOptions, client: StompClient) {
    const { clock, timing = usualTiming, kind, name } = options;
    this.#options = options;
    this.#client = client;
    this.#destination = stompDestination(kind, name, client.server);
    this.#answers = new Answers(clock, timing.answerMs, () => client.fail('away', 'it does not answer'));
    client.listen(
      (frame) => this.#heard(frame),
      () => this.#answers.end(),
    );
  }

  get end(): StompEnd | undefined {
    return this.#client.end;
  }

  send(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly (Answer | undefined)[]> {
    return this.#answers.collect(parcels.length, signal, (expect) => {
      for (const [index, { mapped }] of parcels.entries()) {
        const receipt = this.#client.newReceipt();
        expect(receipt, index);
        const first = [
          ['destination', this.#destination],
          ['receipt', receipt],
        ] as const;
        this.#client.writeHead(this.#options.codec.sendHead(mapped, first), mapped.body);
      }
    });
  }

  close(): void {
    this.#client.close();
    this.#answers.end();
  }

  #heard(frame: StompFrame): void {
    const receipt = frame.headers.get('receipt-id');
    if (frame.command === 'RECEIPT' && receipt !== undefined) this.#answers.answer(receipt, { outcome: 'sent' });
    if (frame.command !== 'ERROR') return;
    const message = textOf(frame);
    const kind = kindOfError(message);
    if (receipt !== undefined) this.#answers.answer(receipt, answerOf(this.#options, kind, message));
    // What came before it was answered before it; what comes behind it, the broker need not have read. Without a receipt,
    // it may be about any of them.
    this.#client.fail(kind ?? 'away', message, { isTheirs: receipt === undefined });
  }
}

function answerOf({ broker }: FarEndOptions, kind: TroubleKind | undefined, message: string): Answer {
  if (kind === undefined) return { outcome: 'refused', reason: message };
  return { outcome: 'trouble', trouble: troubleWith(broker, kind, message) };
}
