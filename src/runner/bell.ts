import type { Notices } from '../db/listen.ts';

/** Rings when work may be there. */
export interface Bell {
  /** Resolves when it has rung since the last call, and after `ms` at the latest. */
  rung(ms: number): Promise<void>;
  stop(): void;
}

/**
 * A bell for one who waits for work of the organisation. It rings at each notification of it, when some may have been
 * missed, when the server closes, and when `gone` aborts: nobody is there to wait any more.
 */
export function hangBell(notices: Notices, channel: string, organisationId: string, gone: AbortSignal): Bell {
  let rings = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    rings = true;
    wake?.();
  };
  const stopListening = notices.listen(channel, (payload) => {
    if (payload === undefined || payload === organisationId) ring();
  });
  gone.addEventListener('abort', ring);
  return {
    async rung(ms) {
      if (!rings) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      rings = false;
    },
    stop() {
      stopListening();
      gone.removeEventListener('abort', ring);
    },
  };
}
