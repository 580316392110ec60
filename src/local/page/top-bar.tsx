import type { JSX } from 'preact';
import { bytesText, countedText, countText } from './format.ts';
import { connected, status } from './live.ts';
import { linkTo, type Route } from './route.ts';
import { nextTheme, type Theme, theme } from './theme.ts';

const LINKS: readonly {
  readonly page: 'traces' | 'analytics' | 'services' | 'map' | 'sampling' | 'problems';
  readonly label: string;
}[] = [
  { page: 'traces', label: 'Traces' },
  { page: 'analytics', label: 'Analytics' },
  { page: 'services', label: 'Services' },
  { page: 'map', label: 'Trace map' },
  { page: 'sampling', label: 'Sampling' },
  { page: 'problems', label: 'Problems' },
];

const THEME_LABELS: Readonly<Record<Theme, string>> = {
  auto: 'Auto',
  light: 'Light',
  dark: 'Dark',
};

export function TopBar({ page }: { readonly page: Route['page'] }): JSX.Element {
  const counts = status.value?.counts;
  const problems = (counts?.refused ?? 0) + (counts?.foreign ?? 0);
  const current = page === 'trace' ? 'traces' : page === 'compare' ? 'analytics' : page;
  return (
    <header class="top-bar">
      <a class="brand" href={linkTo('traces')}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" />
          <path d="M7 10h11M11 16h14M15 22h7" />
        </svg>
        otel-xray
      </a>
      <nav aria-label="Pages">
        {LINKS.map((link) => (
          <a
            key={link.page}
            href={linkTo(link.page)}
            aria-current={link.page === current ? 'page' : undefined}
          >
            {link.label}
            {link.page === 'problems' && problems > 0 && (
              <span class="count">{countText(problems)}</span>
            )}
          </a>
        ))}
      </nav>
      <div class="state">
        {counts && (
          <span class="stored">
            {countedText(counts.traces, 'trace')}, {bytesText(counts.bytes)}
          </span>
        )}
        <span class={`live ${connected.value ? 'on' : 'off'}`} role="status">
          {connected.value ? 'Live' : 'Not connected'}
        </span>
        <button
          type="button"
          class="theme"
          onClick={() => {
            theme.value = nextTheme(theme.value);
          }}
          aria-label={`Theme: ${THEME_LABELS[theme.value]}. Change`}
        >
          {THEME_LABELS[theme.value]}
        </button>
      </div>
    </header>
  );
}
