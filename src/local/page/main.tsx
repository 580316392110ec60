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

// Tasks of their own: together with the evaluation of the modules they would be a long one.
setTimeout(() => {
  render(<App />, document.getElementById('app') as HTMLElement);
  setTimeout(listen);
});
