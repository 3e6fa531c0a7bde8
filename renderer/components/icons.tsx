// The page's icons: one stroke, 16 by 16, in the colour of the text around them. Decoration: what they mean is always
// said in words beside them or in the label of their button.

const paths = {
  check: 'M3 8.5 6.5 12 13 4.5',
  close: 'm4 4 8 8m0-8-8 8',
  copy: 'M6 5.5h7v8H6zM10 5.5v-3H3v8h3',
  left: 'M10 3 5 8l5 5',
  monitor: 'M2 3h12v8H2zm4 11h4m-2-3v3',
  moon: 'M13 9.6A5.5 5.5 0 0 1 6.4 3 5.5 5.5 0 1 0 13 9.6z',
  pause: 'M5.5 3.5v9m5-9v9',
  play: 'M5 3.2v9.6L12.5 8z',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
  right: 'm6 3 5 5-5 5',
  send: 'M2.5 8h10m-4-4 4 4-4 4',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zm0-3.5v1m0 11v1M1.5 8h1m11 0h1M3.4 3.4l.7.7m7.8 7.8.7.7m0-9.2-.7.7M4.1 11.9l-.7.7',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2m-5 0 .5 9h6l.5-9',
  warning: 'M8 2.5 14.5 13.5h-13zM8 6.5v3.5m0 1.5v.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="none" aria-hidden="true" focusable="false">
      <path d={paths[name]} stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

/** A deck over two arches, and its reflection. */
export function BrandMark() {
  return (
    <svg className="brand-mark" width="22" height="22" viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <path d="M4 11h24" stroke="currentColor" strokeWidth="3.2" strokeLinecap="round" />
      <path d="M7 11v5a4.5 4.5 0 0 0 9 0v-5m0 5a4.5 4.5 0 0 0 9 0v-5" stroke="currentColor" strokeWidth="2.4" />
      <path d="M4 26h24" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" strokeDasharray="4 4" />
    </svg>
  );
}
