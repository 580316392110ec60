import { type Signal, signal } from '@preact/signals';
import { type Route, routeOf } from './route.ts';

/** The current route; follows the address bar and the back button. */
export const route: Signal<Route> = signal(routeOf(location.hash));

addEventListener('hashchange', () => {
  route.value = routeOf(location.hash);
});

/** Navigates to a link. */
export function go(link: string): void {
  location.hash = link;
}

/** Changes the address without a step for the back button. */
export function replaceLink(link: string): void {
  history.replaceState(null, '', link);
  route.value = routeOf(location.hash);
}
