// Above a list that is read page by page: which page it is, and the way to others.

import { Icon } from '../../components/icons.tsx';
import { time } from '../../format.ts';

export interface Pages<Page> {
  readonly page: Page | undefined;
  readonly busy: boolean;
  readonly failure: string | undefined;
  /** Reads this page again. */
  readonly read: () => void;
  readonly readNext: () => void;
  readonly readPrevious: () => void;
}

interface PageBarProps {
  readonly pages: Pages<{ readonly number: number; readonly readAt: number; readonly next: number | undefined }>;
  /** What stands before the number of the page, if anything. */
  readonly what?: string;
  /** How much there is now, for those who hear the page. */
  readonly waiting: string;
}

export function PageBar({ pages, what, waiting }: PageBarProps) {
  const { page, busy, failure } = pages;
  const place = page === undefined ? 'Reading…' : `Page ${page.number}, as of ${time(page.readAt)}`;
  return (
    <div className="panel-head page-bar">
      <output className={failure === undefined ? 'soft' : 'error-text'}>
        {failure ?? (what === undefined || page === undefined ? place : `${what}. ${place}`)}
        <span className="visually-hidden">, {waiting}</span>
      </output>
      <div className="page-buttons">
        <button type="button" className="button" disabled={busy} onClick={() => pages.read()}>
          <Icon name="refresh" /> Read again
        </button>
        <button
          type="button"
          className="button button-icon"
          aria-label="Previous page"
          disabled={busy || page === undefined || page.number === 1}
          onClick={pages.readPrevious}
        >
          <Icon name="left" />
        </button>
        <button
          type="button"
          className="button button-icon"
          aria-label="Next page"
          disabled={busy || page?.next === undefined}
          onClick={pages.readNext}
        >
          <Icon name="right" />
        </button>
      </div>
    </div>
  );
}
