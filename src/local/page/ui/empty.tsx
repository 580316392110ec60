import type { ComponentChildren, JSX } from 'preact';

/** Renders the placeholder of a page without data. */
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

/** Renders an error message. */
export function Notice({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="notice" role="alert">
      {text}
    </p>
  );
}
