/** Of bytes: each is a thousand of the one before. */
export const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people: three digits, decimal units. */
export function formatSize(bytes: number): string {
  if (bytes === 1) return '1 byte';
  let value = bytes;
  let unit = 0;
  // 999.5 would be written as 1000 (or, by toPrecision, as 1.00e+3).
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${unit === 0 ? value : value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A number of files for people. */
export function formatFiles(count: number): string {
  return count === 1 ? '1 file' : `${count.toLocaleString('en')} files`;
}

/** What is left to wait, for people: rounded up, in one unit. */
export function formatWait(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.ceil(seconds / 3600)} h`;
}
