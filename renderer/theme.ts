// Light and dark: the system's by default, or as the reader chose. The style sheet's colours follow `color-scheme`.

import { useSyncExternalStore } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'causeway.theme';
const changed = new EventTarget();
const systemDark = matchMedia('(prefers-color-scheme: dark)');

export function currentTheme(): Theme {
  const stored = localStorage.getItem(key);
  return themes.find((theme) => theme === stored) ?? 'system';
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(key, theme);
  applyTheme();
  changed.dispatchEvent(new Event('change'));
}

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = currentTheme();
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}

/** What is shown: for what draws by itself and must draw anew. */
export function useColorScheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () => {
    const theme = currentTheme();
    if (theme !== 'system') return theme;
    return systemDark.matches ? 'dark' : 'light';
  });
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener('change', listener);
  systemDark.addEventListener('change', listener);
  return () => {
    changed.removeEventListener('change', listener);
    systemDark.removeEventListener('change', listener);
  };
}
