/** The icons, drawn here as paths on a 16 × 16 grid: nothing is fetched, and each severity has a shape of its own. */

const PATHS = {
  chat: 'M2.5 3.5h11v7h-6l-3 2.5v-2.5h-2z',
  stamp: 'M3 13.5h10M3.5 11h9V9.5L10 8.5 9.5 6a2.2 2.2 0 1 0-3 0L6 8.5 3.5 9.5z',
  map: 'M8 4.5v3M8 7.5 4 10.5M8 7.5l4 3M8 4.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M3.5 14a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2M12.5 14a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2',
  pulse: 'M1.5 8.5h3l2-5 3 9 2-4h3',
  log: 'M3.5 2h9v12h-9zM5.5 5h5M5.5 8h5M5.5 11h3',
  rules: 'M8 1.8 13 4v4c0 3-2 5-5 6.2C5 13 3 11 3 8V4zM6 8l1.5 1.5L10.5 6',
  people: 'M8 7.5a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8M3 13.8c.4-2.6 2.3-4 5-4s4.6 1.4 5 4',
  critical: 'M5.5 1.8h5l3.7 3.7v5l-3.7 3.7h-5L1.8 10.5v-5zM8 5v3.6M8 11v.2',
  major: 'M8 1.8 14.5 13.5h-13zM8 6v3.5M8 11.5v.2',
  minor: 'M8 1.5 14.5 8 8 14.5 1.5 8zM8 5.2v3.2M8 10.6v.2',
  warning: 'M1.8 4h12.4L8 14.2zM8 6v3M8 11v.2',
  info: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4M8 7.5V11M8 5v.2',
  cleared: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4M5.2 8.2l2 2 3.6-4',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  cross: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4M8 4.8V8l2.2 1.6',
  stop: 'M4 4h8v8H4z',
  send: 'M2.5 13.5 14 8 2.5 2.5 4 8zM4 8h5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  right: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10M10.8 10.8 14 14',
  user: 'M8 7.5a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8M3 13.8c.4-2.6 2.3-4 5-4s4.6 1.4 5 4',
  building: 'M3.5 14V2.5h6V14M9.5 6h3v8M2 14h12M5.5 5h2M5.5 8h2M5.5 11h2',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  flask: 'M6 2h4M6.7 2v4.2L3 13h10L9.3 6.2V2M5 10h6',
  undo: 'M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.2M7 6.5h.2M10 6.5h.2M4 9.5h8',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  external: 'M6.5 3h-4v10.5H13v-4M9 2.5h4.5V7M13.2 2.8 7.5 8.5',
} as const;

export type IconName = keyof typeof PATHS;

/** Its path on the grid of 16, for a canvas. */
export const iconPath = (name: IconName): string => PATHS[name];

/** Decoration beside a word; what it means is always written, too. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
