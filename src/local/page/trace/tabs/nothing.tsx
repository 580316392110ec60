import type { ComponentChildren, JSX } from 'preact';

/** What a tab says when it has nothing to show. */
export function Nothing(props: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="nothing">{props.children}</p>;
}
