import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Notice } from './empty.tsx';

/** Renders a component whose code is loaded on first use. */
export function Lazy<Props extends object>(props: {
  readonly load: () => Promise<ComponentType<Props>>;
  readonly props: Props;
}): JSX.Element | null {
  const { load } = props;
  const [state, setState] = useState<{ component?: ComponentType<Props>; failed?: boolean }>({});
  useEffect(() => {
    load().then(
      (component) => setState({ component }),
      () => setState({ failed: true }),
    );
  }, [load]);
  if (state.failed) {
    return (
      <Notice text="A part of this page could not be loaded. Is the local X-Ray still running?" />
    );
  }
  const Component = state.component;
  return Component === undefined ? null : <Component {...props.props} />;
}
