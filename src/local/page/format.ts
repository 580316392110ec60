/** Texts for numbers and times: English, the reader's own time zone. Pure. */

/** Returns a time as `14:03:07.214`; with the day in front when it is not today. */
export function timeText(seconds: number | undefined, nowMs: number): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '';
  const at = new Date(seconds * 1000);
  const time = clockText(at);
  return at.toDateString() === new Date(nowMs).toDateString() ? time : `${dayText(at)} ${time}`;
}

/** Returns a time as `2026-11-21 14:03:07.214 +01:00`. */
export function fullTimeText(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '';
  const at = new Date(seconds * 1000);
  const offset = -at.getTimezoneOffset();
  const sign = offset < 0 ? '−' : '+';
  const zone = `${sign}${pad(Math.abs(offset) / 60)}:${pad(Math.abs(offset) % 60)}`;
  return `${dayText(at)} ${clockText(at)} ${zone}`;
}

function dayText(at: Date): string {
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

function clockText(at: Date): string {
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${ms}`;
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

/**
 * Returns a time for an axis that is so many seconds long: no more of it than tells its ends apart.
 */
export function axisTimeText(seconds: number, length: number): string {
  const at = new Date(seconds * 1000);
  if (length > 4 * 86_400) return dayText(at);
  const clock = clockText(at);
  if (length > 86_400) return `${dayText(at).slice(5)} ${clock.slice(0, 5)}`;
  return length > 5 ? clock.slice(0, 8) : clock;
}

/** Returns the age of a time as `5 s ago`, `12 min ago`, `3 h ago`. */
export function agoText(seconds: number, nowMs: number): string {
  const ago = Math.max(0, Math.round(nowMs / 1000 - seconds));
  if (ago < 60) return `${ago} s ago`;
  if (ago < 3_600) return `${Math.floor(ago / 60)} min ago`;
  if (ago < 86_400) return `${Math.floor(ago / 3_600)} h ago`;
  return `${Math.floor(ago / 86_400)} d ago`;
}

/**
 * Returns a count as `12,345`. Does not use `Intl`, whose first use takes 30 ms of the main thread.
 */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Returns a count with its noun: `1 trace`, `2,000 traces`. */
export function countedText(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Returns a size as `512 B`, `3.2 KB`, `14 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Number((bytes / 1_000).toPrecision(3))} KB`;
  return `${Number((bytes / 1_000_000).toPrecision(3))} MB`;
}

/** Returns a share as `12%`; never `0%` for something, nor `100%` for less than all. */
export function percentText(share: number): string {
  if (share <= 0) return '0%';
  if (share >= 1) return '100%';
  const percent = share * 100;
  if (percent < 1) return '<1%';
  return percent > 99 ? '>99%' : `${Math.round(percent)}%`;
}
