import { formatSize, formatWait } from '../page_figures.ts';

/** Speed is judged over this long; milliseconds. */
const WINDOW = 5000;

export interface Meter {
  add(bytes: number): void;
  /** What stands still is not slow: forgets the speed so far. */
  rest(): void;
  share(): number;
  text(): string;
}

/** Counts what came in of `total` bytes. @param now milliseconds, monotonic */
export function createMeter(total: number, now: () => number): Meter {
  let received = 0;
  let marks = [{ at: now(), received: 0 }];

  function speed(): number {
    const first = marks[0];
    const elapsed = first ? now() - first.at : 0;
    return first && elapsed >= 1000 ? Math.max(0, ((received - first.received) / elapsed) * 1000) : 0;
  }

  return {
    add(bytes) {
      received += bytes;
      const at = now();
      const last = marks.at(-1);
      if (!last || at - last.at >= 250) marks.push({ at, received });
      while (marks[1] && at - marks[1].at >= WINDOW) marks.shift();
    },
    rest() {
      marks = [{ at: now(), received }];
    },
    share: () => (total === 0 ? 1 : Math.min(1, Math.max(0, received / total))),
    text() {
      const parts = [
        `${Math.floor(this.share() * 100)} %`,
        `${formatSize(Math.min(received, total))} of ${formatSize(total)}`,
      ];
      const bytesPerSecond = speed();
      if (bytesPerSecond > 0) {
        parts.push(`${formatSize(Math.round(bytesPerSecond))}/s`);
        if (received < total) parts.push(`${formatWait((total - received) / bytesPerSecond)} left`);
      }
      return parts.join(' · ');
    },
  };
}
