import { type Signal, signal } from '@preact/signals';

/** Filter and time range of the list that was shown last; filters of other pages build on them. */
export const lastList: Signal<{ readonly filter: string; readonly range: string }> = signal({
  filter: '',
  range: '',
});
