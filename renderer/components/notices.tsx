// Short notices of what was done, read out by screen readers and gone after a while. Failures are not told here but
// where they happened.

import type { ReactNode } from 'react';
import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import './notices.css';

const shownMs = 5_000;

const NoticeContext = createContext<(text: string) => void>(() => undefined);

export function NoticeProvider({ children }: { readonly children: ReactNode }) {
  const [notice, setNotice] = useState<{ readonly text: string }>();

  useEffect(() => {
    if (notice === undefined) return;
    const timer = setTimeout(() => setNotice(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [notice]);

  const tell = useCallback((text: string) => setNotice({ text }), []);
  return (
    <NoticeContext value={tell}>
      {children}
      <output className="notices">{notice !== undefined && <p className="notice">{notice.text}</p>}</output>
    </NoticeContext>
  );
}

export function useNotice(): (text: string) => void {
  return useContext(NoticeContext);
}
