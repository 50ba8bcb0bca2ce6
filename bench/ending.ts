const endings: (() => Promise<unknown>)[] = [];

/** Remembers how something is let go of when the benchmark ends, well or badly: last in, first out. */
export function atEnd(ending: () => Promise<unknown>): void {
  endings.unshift(ending);
}

export async function endAll(): Promise<void> {
  for (const ending of endings.splice(0)) await ending().catch((error: unknown) => console.error(error));
}
