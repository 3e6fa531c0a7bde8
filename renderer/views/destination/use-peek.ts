// Pages of a queue's messages, asked for one at a time and never by themselves: what one reads must not move.

import { useEffect, useState } from 'react';
import type { PeekedMessage } from '../../../broker/control/api-messages.ts';
import { useConsole } from '../../client/console.tsx';
import type { EngineClient } from '../../client/engine-client.ts';
import { messageOf } from '../../client/engine-client.ts';

const pageSize = 50;

interface Page {
  readonly messages: readonly PeekedMessage[];
  readonly next: number | undefined;
  /** The browser's clock. */
  readonly readAt: number;
  readonly number: number;
}

/** Where each page up to the wanted one begins; the first at the head. A new list is a new request. */
type Starts = readonly (number | undefined)[];

interface Answer {
  readonly to: Starts;
  /** The last page that could be read. */
  readonly page: Page | undefined;
  readonly failure: string | undefined;
}

export interface Peek {
  readonly page: Page | undefined;
  readonly busy: boolean;
  readonly failure: string | undefined;
  /** Reads this page again; the first if `fromHead`. */
  readonly read: (fromHead?: boolean) => void;
  readonly readNext: () => void;
  readonly readPrevious: () => void;
}

export function usePeek(destination: string, enabled: boolean): Peek {
  const { engine } = useConsole();
  const [starts, setStarts] = useState<Starts>([undefined]);
  const [answer, setAnswer] = useState<Answer>();

  useEffect(() => {
    if (!enabled) return;
    let superseded = false;
    const settle = (outcome: { readonly page: Page } | { readonly failure: string }) => {
      if (superseded) return;
      setAnswer((last) => ({ to: starts, page: last?.page, failure: undefined, ...outcome }));
    };
    readPage(engine, destination, starts).then(
      (page) => settle({ page }),
      (error: unknown) => settle({ failure: messageOf(error) }),
    );
    return () => {
      superseded = true;
    };
  }, [engine, destination, enabled, starts]);

  const page = answer?.page;
  return {
    page,
    busy: enabled && answer?.to !== starts,
    failure: answer?.failure,
    read: (fromHead = false) => setStarts(fromHead ? [undefined] : [...starts]),
    readNext: () => setStarts([...starts, page?.next]),
    readPrevious: () => setStarts(starts.slice(0, Math.max(1, starts.length - 1))),
  };
}

async function readPage(engine: EngineClient, destination: string, starts: Starts): Promise<Page> {
  const after = starts.at(-1);
  const request = { destination, limit: pageSize, ...(after === undefined ? {} : { after }) };
  const { messages, next } = await engine.call('peek', request);
  return { messages, next, readAt: Date.now(), number: starts.length };
}
