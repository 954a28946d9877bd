/** Starts the console in the browser. */
import { createRoot } from 'react-dom/client';
import { App } from './shell/app.tsx';
import { applyTheme } from './shell/theme.ts';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';

applyTheme();
const root = document.getElementById('console');
if (root !== null) createRoot(root).render(<App />);
