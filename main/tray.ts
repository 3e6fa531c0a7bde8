// The icon by the clock: the broker goes on while its window is closed, and here one sees that, opens it again or quits.
import { join } from 'node:path';
import { app, Menu, nativeImage, Tray } from 'electron';
import type { EngineState } from './engine-process.ts';
import { describe, trayMenu, type Actions } from './menu.ts';

export class StatusTray {
  readonly #tray: Tray;
  readonly #actions: Actions;

  constructor(actions: Actions) {
    // macOS paints template images to fit its menu bar, light or dark.
    const file = process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png';
    this.#tray = new Tray(nativeImage.createFromPath(join(app.getAppPath(), 'main/icons', file)));
    this.#actions = actions;
    this.#tray.on('click', () => actions.openConsole());
  }

  /** Menus are built anew for each state: Linux shows no change of an item. */
  show(state: EngineState): void {
    this.#tray.setToolTip(`Causeway: ${describe(state)}`);
    this.#tray.setContextMenu(Menu.buildFromTemplate(trayMenu(this.#actions, state)));
  }

  close(): void {
    this.#tray.destroy();
  }
}
