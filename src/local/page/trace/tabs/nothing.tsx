import type { ComponentChildren, JSX } from 'preact';

/** Renders the placeholder of a tab without data. */
export function Nothing(props: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="nothing">{props.children}</p>;
}
