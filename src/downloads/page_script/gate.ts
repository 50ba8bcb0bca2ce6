/** Lets work pass while it is open; closing it also cuts off the request under way. */
export interface Gate {
  readonly closed: boolean;
  /** @param reason shown to the person; none when they closed it themselves */
  close(reason?: string): void;
  open(): void;
  /** Resolves once the gate is open, with a signal that aborts when it closes. */
  pass(): Promise<AbortSignal>;
}

export function createGate(onChange: (closed: boolean, reason: string | undefined) => void): Gate {
  let abort = new AbortController();
  let opened: Promise<void> = Promise.resolve();
  let letPass: (() => void) | undefined;
  return {
    get closed() {
      return letPass !== undefined;
    },
    close(reason) {
      if (letPass) return;
      opened = new Promise((resolve) => {
        letPass = resolve;
      });
      abort.abort();
      onChange(true, reason);
    },
    open() {
      if (!letPass) return;
      abort = new AbortController();
      letPass();
      letPass = undefined;
      onChange(false, undefined);
    },
    async pass() {
      while (letPass) await opened;
      return abort.signal;
    },
  };
}
