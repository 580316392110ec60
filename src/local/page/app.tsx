import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { TracesPage } from './list/traces-page.tsx';
import { route } from './location.ts';
import { ProblemsPage } from './problems/problems-page.tsx';
import { linkTo, type Route } from './route.ts';
import { SamplingPage } from './sampling/sampling-page.tsx';
import { TopBar } from './top-bar.tsx';
import { tabNameOf } from './trace/tab-names.ts';
import { Empty } from './ui/empty.tsx';
import { Lazy } from './ui/lazy.tsx';

// The map's layout is more than half of all code; the list is drawn before it is there.
const mapPage = () => import('./map/map-page.tsx').then(({ MapPage }) => MapPage);
const analyticsPage = () =>
  import('./analytics/analytics-page.tsx').then(({ AnalyticsPage }) => AnalyticsPage);
const servicesPage = () =>
  import('./services/services-page.tsx').then(({ ServicesPage }) => ServicesPage);
const comparePage = () =>
  import('./compare/compare-page.tsx').then(({ ComparePage }) => ComparePage);
const tracePage = () => import('./trace/trace-page.tsx').then(({ TracePage }) => TracePage);

type PageOf = (route: Route) => ComponentChildren;

const PAGES: Readonly<Record<Route['page'], PageOf>> = {
  traces: ({ query }) => (
    <TracesPage
      filter={query['filter'] ?? ''}
      range={query['range'] ?? ''}
      sort={query['sort'] ?? ''}
    />
  ),
  trace: ({ id, query }) => (
    <Lazy
      key={`trace ${id}`}
      load={tracePage}
      props={{ id, at: query['at'] ?? '', tab: tabNameOf(query['tab']) }}
    />
  ),
  map: ({ query }) => (
    <Lazy
      key="map"
      load={mapPage}
      props={{ range: query['range'] ?? '', selected: query['at'] ?? '' }}
    />
  ),
  analytics: ({ query }) => (
    <Lazy
      key="analytics"
      load={analyticsPage}
      props={{
        filter: query['filter'] ?? '',
        range: query['range'] ?? '',
        by: query['by'] ?? 'service',
      }}
    />
  ),
  services: ({ query }) => (
    <Lazy key="services" load={servicesPage} props={{ range: query['range'] ?? '' }} />
  ),
  compare: ({ query }) => (
    <Lazy
      key="compare"
      load={comparePage}
      props={{
        a: query['a'] ?? '',
        b: query['b'] ?? '',
        filter: query['filter'] ?? '',
      }}
    />
  ),
  sampling: ({ query }) => <SamplingPage selected={query['rule'] ?? ''} />,
  problems: () => <ProblemsPage />,
  unknown: () => (
    <Empty title="No such page">
      <p>
        <a href={linkTo('traces')}>Show all traces</a>
      </p>
    </Empty>
  ),
};

const TITLES: Readonly<Record<Route['page'], string>> = {
  traces: 'Traces',
  trace: 'Trace',
  map: 'Trace map',
  analytics: 'Analytics',
  services: 'Services',
  compare: 'Compare',
  sampling: 'Sampling',
  problems: 'Problems',
  unknown: 'No such page',
};

/** Renders the page: the top bar and the content for the address. */
export function App(): JSX.Element {
  const { value } = route;
  useEffect(() => {
    document.title = `${TITLES[value.page]} · otel-xray`;
  }, [value.page]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <TopBar page={value.page} />
      <main id="main" tabIndex={-1}>
        {PAGES[value.page](value)}
      </main>
    </>
  );
}
