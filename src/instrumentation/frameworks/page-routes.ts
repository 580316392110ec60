import { context } from '@opentelemetry/api';
import { clearServerRoute, setPageRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';

/** What the router of Vike found; `null` if nothing matches, and absent if a hook of the app has chosen a page. */
interface VikePage {
  readonly _routeMatch?: { readonly routeString?: string } | null;
}

/** A page or API route of Waku. */
interface WakuPage {
  readonly path: readonly {
    readonly type: 'literal' | 'group' | 'wildcard';
    readonly name?: string;
  }[];
}

/** A route of Angular, with `*` for each parameter. */
interface AngularRoute {
  readonly route?: string;
}

/** What edited routers of Angular, Vike, Waku and Qwik City call with what they found. Each function returns its argument. */
export interface PageRouteCalls {
  angularRoute<T extends AngularRoute | undefined>(found: T): T;
  vikeRoute<T extends VikePage>(page: T): T;
  wakuRoute<T extends WakuPage | undefined>(page: T): T;
  /** Its first part is the name of the route. */
  qwikRoute<T extends readonly [name: string, ...rest: unknown[]] | null>(route: T): T;
}

/** Gives requests the route of a page or API route, in the notation of its framework. */
export const pageRouteCalls: PageRouteCalls = {
  angularRoute(found) {
    attempt('angular', () => setPageRoute(context.active(), found?.route));
    return found;
  },
  vikeRoute(page) {
    attempt('vike', () => {
      const route = page._routeMatch?.routeString;
      // Otherwise the server around it passes all requests on by a route of its own.
      if (route === undefined) clearServerRoute(context.active());
      else setPageRoute(context.active(), route);
    });
    return page;
  },
  wakuRoute(page) {
    attempt('waku', () => {
      if (page !== undefined) setPageRoute(context.active(), wakuPath(page));
    });
    return page;
  },
  qwikRoute(route) {
    attempt('qwik-city', () => {
      if (route !== null) setPageRoute(context.active(), `/${route[0]}`.replace(/(.)\/$/, '$1'));
    });
    return route;
  },
};

/** Returns the path of a page as files name it: `/orders/[id]`. */
function wakuPath({ path }: WakuPage): string {
  const parts = path.map(({ type, name = '' }) => {
    if (type === 'literal') return name;
    return type === 'group' ? `[${name}]` : `[...${name}]`;
  });
  return `/${parts.join('/')}`;
}
