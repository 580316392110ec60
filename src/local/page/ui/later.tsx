import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Ends the current task: what follows runs in one of its own, after input and drawing. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** Draws its children in a task of their own, which keeps the tasks of a large view short. */
export function Later(props: {
  /** Tasks to wait for; parts of a view with different numbers are drawn one after another. */
  readonly tasks?: number;
  readonly children: ComponentChildren;
}): ComponentChildren {
  const [left, setLeft] = useState(props.tasks ?? 1);
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => setLeft(left - 1));
    return () => clearTimeout(timer);
  }, [left]);
  return left === 0 ? props.children : null;
}
