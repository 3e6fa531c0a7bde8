// What every view works with: calls to the engine, the live model, and the state of the connection.

import type { ReactNode } from 'react';
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { EngineClient } from './engine-client.ts';
import type { ConnectionState } from './live-connection.ts';
import { LiveConnection } from './live-connection.ts';
import { LiveModel } from './live-model.ts';
import { PacedSignal } from './paced-signal.ts';

interface Console {
  readonly engine: EngineClient;
  readonly model: LiveModel;
  readonly changes: PacedSignal;
  readonly connection: ConnectionState;
  readonly retryNow: () => void;
}

const ConsoleContext = createContext<Console | undefined>(undefined);

export function ConsoleProvider({ token, children }: { readonly token: string; readonly children: ReactNode }) {
  const [state, setState] = useState<ConnectionState>({ kind: 'connecting' });
  const parts = useMemo(() => {
    const engine = new EngineClient(token);
    const model = new LiveModel();
    const changes = new PacedSignal();
    const connection = new LiveConnection({
      token,
      probe: () => engine.call('overview', {}),
      onState: setState,
      onBatch: (batch) => {
        model.apply(batch);
        changes.raise();
        if (batch.snapshot) void replay(engine, model, changes);
      },
    });
    return { engine, model, changes, connection };
  }, [token]);

  useEffect(() => {
    parts.connection.start();
    return () => parts.connection.close();
  }, [parts]);

  const value = useMemo(
    () => ({ ...parts, connection: state, retryNow: () => parts.connection.retryNow() }),
    [parts, state],
  );
  return <ConsoleContext value={value}>{children}</ConsoleContext>;
}

export function useConsole(): Console {
  const console = useContext(ConsoleContext);
  if (console === undefined) throw new Error('useConsole outside ConsoleProvider');
  return console;
}

/** The live model; the component renders anew when it changes, four times a second at most. */
export function useLive(): LiveModel {
  const { model, changes } = useConsole();
  useSyncExternalStore(changes.subscribe, changes.version);
  return model;
}

/** Draws the minutes before the page was opened. Without them the chart begins empty, which is no harm. */
async function replay(engine: EngineClient, model: LiveModel, changes: PacedSignal): Promise<void> {
  try {
    model.replay(await engine.call('history', {}));
    changes.raise();
  } catch {
    // The connection itself reports an engine that is away.
  }
}
