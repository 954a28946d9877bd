/** Light, dark, or as the system: a wish that this browser keeps. */
import { useSyncExternalStore } from 'react';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'wayleave-theme';
const listeners = new Set<() => void>();

export const theme = (): Theme => THEMES.find((one) => one === localStorage.getItem(KEY)) ?? 'auto';

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme();
}

export function setTheme(next: Theme): void {
  localStorage.setItem(KEY, next);
  applyTheme();
  for (const listener of listeners) listener();
}

export const useTheme = (): Theme =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, theme);
