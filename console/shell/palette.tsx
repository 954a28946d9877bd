/** The command palette: screens, actions, devices, approvals and incidents by a few letters of their name. */
import { type KeyboardEvent, useMemo, useState } from 'react';
import { useSession } from '../api/session-context.ts';
import { useAnswer } from '../api/use-answer.ts';
import { Dialog } from '../parts/dialog.tsx';
import { TEXT } from '../text.ts';
import { goTo, toPath } from './route.ts';
import { SCREENS } from './screens.ts';
import { setTheme, THEMES } from './theme.ts';

interface Entry {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly detail: string;
  readonly run: () => void;
}

const SHOWN = 12;

/** Letters in order, not necessarily side by side; the tighter, the better (lower). Undefined: does not fit. */
export function rank(name: string, typed: string): number | undefined {
  const [text, wanted] = [name.toLowerCase(), typed.toLowerCase().trim()];
  const whole = text.indexOf(wanted);
  if (whole >= 0) return whole;
  let at = -1;
  let gaps = 100;
  for (const letter of wanted) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    gaps += next - at - 1;
    at = next;
  }
  return gaps;
}

function useEntries(): readonly Entry[] {
  const { tenant } = useSession();
  const { data: inventory } = useAnswer('/api/inventory');
  const { data: approvals } = useAnswer('/api/approvals', { status: 'pending' });
  const { data: incidents } = useAnswer('/api/incidents');
  return useMemo(() => {
    const to =
      (screen: string, rest: readonly string[] = []) =>
      () =>
        goTo(toPath(tenant, screen, rest));
    const has = (id: string): boolean => SCREENS.some((screen) => screen.id === id);
    const { palette, shell } = TEXT;
    return [
      ...SCREENS.map(({ id, title, key }) => ({
        ...{ id, group: palette.screens, name: palette.goTo(title), detail: `g ${key}`, run: to(id) },
      })),
      ...(approvals?.approvals ?? []).map(({ id, intent }) => ({
        ...{ id, group: palette.approvals, name: `${intent.tool} · ${intent.target.devices.join(', ')}` },
        ...{ detail: id, run: to('approvals', [id]) },
      })),
      ...(has('incidents') ? (incidents?.incidents ?? []) : []).map(({ id, title, state }) => ({
        ...{ id, group: palette.incidents, name: title, detail: state, run: to('incidents', [id]) },
      })),
      ...(has('network') ? (inventory?.devices ?? []) : []).map(({ name, site }) => ({
        ...{ id: name, group: palette.devices, name, detail: site, run: to('network', [`node/${name}`]) },
      })),
      ...THEMES.map((one) => ({
        ...{ id: `theme-${one}`, group: palette.actions, name: `${shell.theme}: ${shell.themes[one]}`, detail: '' },
        run: () => setTheme(one),
      })),
    ];
  }, [tenant, inventory, approvals, incidents]);
}

export function Palette({ close }: { readonly close: () => void }) {
  const entries = useEntries();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = useMemo(
    () =>
      entries
        .flatMap((entry) => {
          const score = rank(`${entry.name} ${entry.detail}`, typed);
          return score === undefined ? [] : [{ entry, score }];
        })
        .toSorted((a, b) => (typed === '' ? 0 : a.score - b.score))
        .slice(0, SHOWN)
        .map(({ entry }) => entry),
    [entries, typed],
  );
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    close();
    entry.run();
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((before) => Math.max(0, Math.min(found.length - 1, before + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(found[at]);
    }
  };
  return (
    <Dialog label={TEXT.shell.search} close={close} className="palette">
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] === undefined ? undefined : `palette-${at}`}
        aria-label={TEXT.shell.search}
        placeholder={TEXT.palette.placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div id="palette-list" role="listbox" aria-label={TEXT.shell.search}>
        {found.length === 0 && <p className="quiet">{TEXT.palette.none}</p>}
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are answered by the field, which keeps the focus
          <div
            key={`${entry.group} ${entry.id}`}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onClick={() => choose(entry)}
          >
            <span className="palette-group">{entry.group}</span>
            <span>{entry.name}</span>
            <span className="quiet">{entry.detail}</span>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
