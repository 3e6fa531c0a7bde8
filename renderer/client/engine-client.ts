// Calls of the control API: POST /api/<method> (broker/control/api.ts). One call, one answer; what is live comes over
// live-connection.ts.

import type { MethodName, Methods } from '../../broker/control/api.ts';
import { isApiError, responses } from './shapes.ts';

const timeoutMs = 15_000;

/** `away`: no answer; `unauthorized`: the token is not the engine's; `refused`: the engine says no, and why. */
export type EngineErrorKind = 'away' | 'unauthorized' | 'refused' | 'other-version';

export class EngineError extends Error {
  readonly kind: EngineErrorKind;

  constructor(kind: EngineErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'EngineError';
    this.kind = kind;
  }
}

export class EngineClient {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** @throws EngineError */
  async call<M extends MethodName>(method: M, request: Methods[M]['request']): Promise<Methods[M]['response']> {
    const { ok, status, answer } = await this.#post(method, request);
    if (status === 401) throw new EngineError('unauthorized', 'the engine does not accept this token');
    if (!ok) {
      throw new EngineError('refused', isApiError(answer) ? answer.error.message : `the engine answered ${status}`);
    }
    const isExpected = responses[method];
    if (isExpected(answer)) return answer;
    throw new EngineError('other-version', 'the engine is of another version than this page; reload the page');
  }

  async #post(method: string, request: object): Promise<{ ok: boolean; status: number; answer: unknown }> {
    try {
      const response = await fetch(`/api/${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        body: JSON.stringify(request),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      return { ok: response.ok, status: response.status, answer: parseJson(text) };
    } catch (error) {
      throw new EngineError('away', 'the engine does not answer', { cause: error });
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not from the engine: the status says what there is to say
  }
}
