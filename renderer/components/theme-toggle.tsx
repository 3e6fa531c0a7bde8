// Light, dark, or as the system has it: one button that goes round.

import type { Theme } from '../theme.ts';
import { setTheme, themes, useTheme } from '../theme.ts';
import type { IconName } from './icons.tsx';
import { Icon } from './icons.tsx';

const icons: Readonly<Record<Theme, IconName>> = { system: 'monitor', light: 'sun', dark: 'moon' };

export function ThemeToggle() {
  const theme = useTheme();
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const label = `Theme: ${theme}. Change to ${next}`;
  return (
    <button
      type="button"
      className="button button-quiet button-icon"
      aria-label={label}
      title={label}
      onClick={() => setTheme(next)}
    >
      <Icon name={icons[theme]} />
    </button>
  );
}
