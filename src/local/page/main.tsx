import { render } from 'preact';
import { App } from './app.tsx';
import { listen } from './live.ts';
import './styles/base.css';
import './styles/controls.css';
import './styles/list.css';
import './styles/map.css';
import './styles/trace.css';
import './styles/pages.css';
import './styles/analytics.css';

listen();
render(<App />, document.getElementById('app') as HTMLElement);
