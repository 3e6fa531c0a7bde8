// Custom properties may stand in a style: the style sheets read them.
import 'react';

declare module 'react' {
  interface CSSProperties {
    [name: `--${string}`]: string | undefined;
  }
}
