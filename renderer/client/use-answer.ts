// What the engine answers to a question, asked again and again while it is shown: for what the live feed does not carry.

import { useEffect, useState } from 'react';
import type { MethodName, Methods } from '../../broker/control/api.ts';
import { useConsole } from './console.tsx';
import { messageOf } from './engine-client.ts';

interface Answer<Value> {
  /** The last one; undefined until the first. */
  readonly answer: Value | undefined;
  readonly failure: string | undefined;
  /** Asks now. */
  readonly askAgain: () => void;
}

interface Outcome<Value> {
  readonly to: object;
  readonly turn: number;
  readonly answer: Value | undefined;
  readonly failure: string | undefined;
}

/** `request`: the same object for as long as it is the same question. A hidden page does not ask. */
export function useAnswer<M extends MethodName>(
  method: M,
  request: Methods[M]['request'],
  everyMs: number,
): Answer<Methods[M]['response']> {
  const { engine } = useConsole();
  const [turn, setTurn] = useState(0);
  const [outcome, setOutcome] = useState<Outcome<Methods[M]['response']>>();

  useEffect(() => {
    let superseded = false;
    let timer: number | undefined;
    const ask = async () => {
      if (!document.hidden) {
        const found = await engine.call(method, request).then(
          (answer) => ({ answer, failure: undefined }),
          (error: unknown) => ({ failure: messageOf(error) }),
        );
        if (superseded) return;
        setOutcome((last) => ({ to: request, turn, answer: last?.to === request ? last.answer : undefined, ...found }));
      }
      timer = window.setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      superseded = true;
      window.clearTimeout(timer);
    };
  }, [engine, method, request, everyMs, turn]);

  const current = outcome?.to === request ? outcome : undefined;
  return { answer: current?.answer, failure: current?.failure, askAgain: () => setTurn(turn + 1) };
}
