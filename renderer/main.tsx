// The page's entry: theme first, so that nothing is drawn in the wrong one, then the token, then everything else.
// Styles of single components come after these, and may refine them.

import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { takeToken } from './client/token.ts';
import { applyTheme } from './theme.ts';

applyTheme();
const token = takeToken();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root');
createRoot(root).render(
  <StrictMode>
    <App token={token} />
  </StrictMode>,
);
