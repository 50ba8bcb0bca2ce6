import { counted } from './counted.ts';

/** Seconds to wait, for people: rounded up, in one unit, in words. */
export function formatDelay(seconds: number): string {
  if (seconds < 90) return counted(Math.max(1, Math.ceil(seconds)), 'second');
  if (seconds < 90 * 60) return counted(Math.ceil(seconds / 60), 'minute');
  return counted(Math.ceil(seconds / 3600), 'hour');
}
