/** Starts up to `count` pieces of work before their results are asked for; results come in the order of the input. */
export async function* ahead<T, R>(
  inputs: Iterable<T>,
  count: number,
  work: (input: T) => Promise<R>,
): AsyncGenerator<{ input: T; result: R }> {
  const started: { input: T; result: Promise<R> }[] = [];
  for (const input of inputs) {
    const result = work(input);
    // Awaited below, perhaps never when the consumer stops early: that must not count as unhandled.
    result.catch(() => undefined);
    started.push({ input, result });
    if (started.length <= count) continue;
    const next = started.shift();
    if (next) yield { input: next.input, result: await next.result };
  }
  for (const { input, result } of started) yield { input, result: await result };
}
