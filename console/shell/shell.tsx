/** What is around every screen: navigation, tenant, who one is, the connection, and the keys that work everywhere. */
import { Component, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { useSession } from '../api/session-context.ts';
import { useAnswer } from '../api/use-answer.ts';
import { Icon } from '../parts/icon.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { TEXT } from '../text.ts';
import { Banner } from './banner.tsx';
import { KeyList } from './key-list.tsx';
import { useKeys } from './keys.ts';
import { Link } from './link.tsx';
import { Mark } from './mark.tsx';
import { Palette } from './palette.tsx';
import { goTo, toPath, usePlace } from './route.ts';
import { SCREENS, type Screen } from './screens.ts';
import { hueOf } from './tenant-hue.ts';
import { TenantMenu } from './tenant-menu.tsx';
import { setTheme, THEMES, theme } from './theme.ts';
import { UserMenu } from './user-menu.tsx';

/** How often it is asked what waits for approval, in milliseconds. */
const INBOX_MS = 5_000;

export const nextTheme = (): void => setTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? 'auto');

export function Shell() {
  const session = useSession();
  const place = usePlace();
  const [open, setOpen] = useState<'palette' | 'keys' | undefined>();
  const pending = useAnswer('/api/approvals', { status: 'pending' }, { every: INBOX_MS });
  const waiting = pending.data?.approvals.length ?? 0;
  const screen = SCREENS.find(({ id }) => id === place.screen);
  const close = (): void => setOpen(undefined);

  useKeys(
    TEXT.keys.general,
    useMemo(
      () => [
        { keys: 'mod+k', does: TEXT.keys.palette, run: () => setOpen('palette'), always: true },
        { keys: '/', does: TEXT.keys.palette, run: () => setOpen('palette') },
        { keys: '?', does: TEXT.keys.help, run: () => setOpen('keys') },
        { keys: 'Escape', does: TEXT.keys.escape, run: () => setOpen(undefined), always: true },
        { keys: 't', does: TEXT.keys.theme, run: nextTheme },
        ...SCREENS.map(({ id, title, key }) => ({
          keys: `g ${key}`,
          does: TEXT.palette.goTo(title),
          run: () => goTo(toPath(session.tenant, id)),
        })),
      ],
      [session.tenant],
    ),
  );
  useEffect(() => {
    const badge = waiting === 0 ? '' : `(${waiting}) `;
    document.title = `${badge}${screen?.title ?? TEXT.shell.notFound} · ${session.tenant} · ${TEXT.name}`;
  }, [waiting, screen, session.tenant]);

  return (
    <div className="shell">
      <a className="skip" href="#content">
        {TEXT.shell.skip}
      </a>
      <header className="top" style={{ borderTopColor: hueOf(session.tenant) }}>
        <span className="brand">
          <Mark /> <b>{TEXT.name}</b>
        </span>
        <TenantMenu />
        <button type="button" className="search" onClick={() => setOpen('palette')}>
          <Icon name="search" /> <span>{TEXT.shell.search}</span> <kbd>Ctrl K</kbd>
        </button>
        <UserMenu showKeys={() => setOpen('keys')} />
      </header>
      <Banner />
      <nav className="rail" aria-label={TEXT.shell.nav}>
        {SCREENS.map((one) => (
          <Tab key={one.id} screen={one} current={one === screen} count={one.id === 'approvals' ? waiting : 0} />
        ))}
      </nav>
      <main id="content" className="content" tabIndex={-1}>
        <Fence key={place.screen}>
          <Suspense fallback={<Loading />}>
            {screen === undefined ? (
              <Empty icon="search" title={TEXT.shell.notFound}>
                <p>{TEXT.shell.notFoundHint}</p>
              </Empty>
            ) : (
              <screen.View place={place} />
            )}
          </Suspense>
        </Fence>
      </main>
      {open === 'palette' && <Palette close={close} />}
      {open === 'keys' && <KeyList close={close} />}
    </div>
  );
}

function Tab({
  screen,
  current,
  count,
}: {
  readonly screen: Screen;
  readonly current: boolean;
  readonly count: number;
}) {
  return (
    <Link screen={screen.id} aria-current={current ? 'page' : undefined}>
      <Icon name={screen.icon} size={18} />
      <span className="tab-title">{screen.title}</span>
      {count > 0 && <span className="badge">{count}</span>}
    </Link>
  );
}

/** A screen that fails takes nothing else with it. */
class Fence extends Component<{ readonly children: ReactNode }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Empty icon="warning" title={TEXT.shell.crashed}>
        <p>{TEXT.shell.crashedHint}</p>
        <pre className="mono">{error.message}</pre>
      </Empty>
    );
  }
}
