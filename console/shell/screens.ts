/** The table of screens: navigation, palette, keys and routes are all drawn from it. A screen is loaded when it is first seen. */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { IconName } from '../parts/icon.tsx';
import { TEXT } from '../text.ts';
import type { Place } from './route.ts';

export interface ScreenProps {
  readonly place: Place;
}

export interface Screen {
  /** First part of its path behind the tenant. */
  readonly id: keyof typeof TEXT.screens;
  readonly title: string;
  readonly icon: IconName;
  /** Pressed after `g`. */
  readonly key: string;
  readonly View: LazyExoticComponent<ComponentType<ScreenProps>>;
}

const screen = (
  id: Screen['id'],
  icon: IconName,
  key: string,
  load: () => Promise<{ readonly default: ComponentType<ScreenProps> }>,
): Screen => ({ id, title: TEXT.screens[id], icon, key, View: lazy(load) });

export const SCREENS: readonly Screen[] = [
  screen('chat', 'chat', 'c', () => import('../screens/chat/chat-screen.tsx')),
  screen('approvals', 'stamp', 'a', () => import('../screens/approvals/approvals-screen.tsx')),
  screen('network', 'map', 'n', () => import('../screens/network/network-screen.tsx')),
  screen('incidents', 'pulse', 'i', () => import('../screens/incidents/incidents-screen.tsx')),
  screen('jobs', 'clock', 'j', () => import('../screens/jobs/jobs-screen.tsx')),
  screen('policy', 'rules', 'p', () => import('../screens/policy/policy-screen.tsx')),
  screen('audit', 'log', 'l', () => import('../screens/audit/audit-screen.tsx')),
  screen('sessions', 'people', 's', () => import('../screens/sessions/sessions-screen.tsx')),
];

export const HOME: Screen['id'] = 'chat';
