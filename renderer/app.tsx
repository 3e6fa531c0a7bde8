// The frame around the views: header, navigation, the engine's role, and what to do when the engine is away or does
// not let the page in.

import { useEffect, useRef } from 'react';
import { ConsoleProvider, useConsole, useLive } from './client/console.tsx';
import { EngineAway } from './components/engine-away.tsx';
import { EngineState } from './components/engine-state.tsx';
import { Gate } from './components/gate.tsx';
import { BrandMark } from './components/icons.tsx';
import { NoticeProvider } from './components/notices.tsx';
import { ThemeToggle } from './components/theme-toggle.tsx';
import { count } from './format.ts';
import { hrefOf, useRoute } from './router.ts';
import type { View } from './views/index.ts';
import { views } from './views/index.ts';

export function App({ token }: { readonly token: string | undefined }) {
  if (token === undefined) return <Gate reason="no-token" />;
  return (
    <ConsoleProvider token={token}>
      <NoticeProvider>
        <Shell />
      </NoticeProvider>
    </ConsoleProvider>
  );
}

function Shell() {
  const { connection } = useConsole();
  const route = useRoute();
  const view = views.find(({ path }) => path === route.view) ?? views[0];
  const main = useRef<HTMLElement>(null);
  const place = `${view.path}/${route.id ?? ''}`;
  const lastPlace = useRef(place);

  useEffect(() => {
    // A view of one thing sets the title itself: it knows what the thing is called.
    if (route.id === undefined) document.title = `${view.title} – Causeway`;
    if (lastPlace.current === place) return;
    // Whoever hears the page instead of seeing it is told of the new view by its heading.
    lastPlace.current = place;
    main.current?.scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [place, route.id, view.title]);

  if (connection.kind === 'unauthorized' || connection.kind === 'other-version') {
    return <Gate reason={connection.kind} />;
  }
  const Content = view.component;
  const Detail = view.detail;
  return (
    <div className="shell">
      <header className="header">
        <span className="brand">
          <BrandMark /> Causeway
        </span>
        <nav className="nav" aria-label="Views">
          {views.map((each) => (
            <NavLink key={each.path} view={each} current={each === view} />
          ))}
        </nav>
        <div className="header-end">
          <EngineState />
          <ThemeToggle />
        </div>
      </header>
      <main ref={main} className="main" data-stale={connection.kind === 'away'}>
        {route.id === undefined || Detail === undefined ? <Content /> : <Detail key={route.id} id={route.id} />}
      </main>
      {connection.kind === 'away' && <EngineAway since={connection.since} attempt={connection.attempt} />}
    </div>
  );
}

function NavLink({ view, current }: { readonly view: View; readonly current: boolean }) {
  const model = useLive();
  const size = view.size?.(model);
  const link = useRef<HTMLAnchorElement>(null);

  useEffect(() => {
    // Where there is no room for all of them, they scroll.
    if (current) link.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);

  return (
    <a ref={link} className="nav-link" href={hrefOf(view.path)} aria-current={current ? 'page' : undefined}>
      {view.title}
      {size !== undefined && <span className="nav-count">{count(size)}</span>}
    </a>
  );
}
