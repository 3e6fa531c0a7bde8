// Pages of a shard's records, the newest first, asked for one at a time and never by themselves: what one reads must
// not move.

import { useEffect, useState } from 'react';
import type { PeekedRecord } from '../../../broker/control/api-cloud.ts';
import { useConsole } from '../../client/console.tsx';
import { messageOf } from '../../client/engine-client.ts';
import type { Pages } from './page-bar.tsx';

const pageSize = 50;

interface RecordPage {
  readonly records: readonly PeekedRecord[];
  readonly next: number | undefined;
  /** The browser's clock. */
  readonly readAt: number;
  readonly number: number;
}

export type RecordPages = Pages<RecordPage>;

/** Before which position each page up to the wanted one begins; the first is the newest. */
type Starts = readonly (number | undefined)[];

interface Asked {
  readonly starts: Starts;
  readonly written: number;
}

interface Answer {
  readonly to: Asked;
  readonly page: RecordPage | undefined;
  readonly failure: string | undefined;
}

/** `written`: another number than before reads the newest again. */
export function useRecords(destination: string, shard: number, written: number): RecordPages {
  const { engine } = useConsole();
  const [asked, setAsked] = useState<Asked>({ starts: [undefined], written });
  const [answer, setAnswer] = useState<Answer>();
  if (asked.written !== written) setAsked({ starts: [undefined], written });

  useEffect(() => {
    let superseded = false;
    const { starts } = asked;
    const before = starts.at(-1);
    const request = { destination, shard, limit: pageSize, ...(before === undefined ? {} : { before }) };
    engine.call('peekShard', request).then(
      ({ records, before: next }) => {
        if (superseded) return;
        const page = { records, next, readAt: Date.now(), number: starts.length };
        setAnswer({ to: asked, page, failure: undefined });
      },
      (error: unknown) => {
        if (!superseded) setAnswer((last) => ({ to: asked, page: last?.page, failure: messageOf(error) }));
      },
    );
    return () => {
      superseded = true;
    };
  }, [engine, destination, shard, asked]);

  const page = answer?.page;
  const go = (starts: Starts) => setAsked({ starts, written });
  return {
    page,
    busy: answer?.to !== asked,
    failure: answer?.failure,
    read: () => go([...asked.starts]),
    readNext: () => go([...asked.starts, page?.next]),
    readPrevious: () => go(asked.starts.slice(0, Math.max(1, asked.starts.length - 1))),
  };
}
