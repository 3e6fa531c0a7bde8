// The application's menu, and the one of the tray: what both offer is one table of actions.
import type { MenuItemConstructorOptions } from 'electron';
import type { EngineState } from './engine-process.ts';

export interface Actions {
  openConsole(): void;
  copyAddress(): void;
  openDataDirectory(): void;
  openLogs(): void;
  failoverDrill(): void;
  restartEngine(): void;
  quit(): void;
}

export function applicationMenu(
  actions: Actions,
  state: EngineState,
  developer: boolean,
): MenuItemConstructorOptions[] {
  const items = itemsOf(actions, state);
  const macApp: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  return [
    ...macApp,
    {
      label: '&File',
      submenu: [items.openConsole, items.openDataDirectory, items.openLogs, separator, items.quit],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        ...(developer ? [{ role: 'toggleDevTools' } as const] : []),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    { label: '&Broker', submenu: [items.copyAddress, separator, items.failoverDrill, items.restartEngine] },
    { role: 'windowMenu' },
  ];
}

export function trayMenu(actions: Actions, state: EngineState): MenuItemConstructorOptions[] {
  const items = itemsOf(actions, state);
  return [
    { label: describe(state), enabled: false },
    separator,
    items.openConsole,
    items.copyAddress,
    items.openDataDirectory,
    separator,
    items.failoverDrill,
    items.restartEngine,
    separator,
    items.quit,
  ];
}

/** The engine's state in a few words. */
export function describe(state: EngineState): string {
  switch (state.name) {
    case 'stopped':
      return 'Stopped';
    case 'starting':
      return 'Starting…';
    case 'standby':
      return 'Standby: another engine is active';
    case 'ready':
      return state.consoleUrl === undefined ? 'Running without a console' : 'Running';
    case 'restarting':
      return `Crashed; starting again in ${state.delayMs / 1000} s`;
    case 'failed':
      return 'Does not start';
  }
}

const separator: MenuItemConstructorOptions = { type: 'separator' };

function itemsOf(actions: Actions, state: EngineState) {
  const ready = state.name === 'ready';
  const reachable = ready && state.consoleUrl !== undefined;
  return {
    openConsole: { id: 'open-console', label: 'Open &Console', enabled: reachable, click: () => actions.openConsole() },
    copyAddress: {
      id: 'copy-address',
      label: 'Copy Console &Address',
      enabled: reachable,
      click: () => actions.copyAddress(),
    },
    openDataDirectory: {
      id: 'open-data-directory',
      label: 'Open &Data Directory',
      enabled: reachable,
      click: () => actions.openDataDirectory(),
    },
    openLogs: { id: 'open-logs', label: 'Open &Logs', click: () => actions.openLogs() },
    failoverDrill: {
      id: 'failover-drill',
      label: '&Failover Drill…',
      enabled: ready,
      click: () => actions.failoverDrill(),
    },
    restartEngine: { id: 'restart-engine', label: '&Restart Engine', click: () => actions.restartEngine() },
    quit: { id: 'quit', label: '&Quit Causeway', accelerator: 'CommandOrControl+Q', click: () => actions.quit() },
  } satisfies Record<string, MenuItemConstructorOptions>;
}
