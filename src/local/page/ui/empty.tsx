import type { ComponentChildren, JSX } from 'preact';

/** What a page shows when there is nothing to show yet. */
export function Empty(props: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <svg class="empty-mark" viewBox="0 0 64 40" aria-hidden="true">
        <path d="M4 6h34M14 20h46M26 34h22" />
      </svg>
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** Something went wrong, in the words of the one who knows. */
export function Notice({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="notice" role="alert">
      {text}
    </p>
  );
}
