import { loadavg } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('the median of nothing');
  return (low + high) / 2;
}

/**
 * Measures each contender once a round, in turn and in the opposite order every other round, so that a machine that
 * warms up or gets busy hits all alike. Answers the figures by contender, one for each round.
 */
export async function alternate<Name extends string>(
  rounds: number,
  contenders: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) figures[name].push(await contenders[name]());
    const line = names.map((name) => `${name} ${format(figures[name].at(-1) ?? 0)}`).join(' · ');
    console.log(`round ${round + 1}: ${line} · load ${loadavg()[0]?.toFixed(1)}`);
  }
  return figures;
}

/** The median of the ratios within each round: what disturbs one round does not move it. */
export function ratio(ours: readonly number[], baseline: readonly number[]): number {
  return median(ours.map((figure, round) => figure / (baseline[round] ?? Number.NaN)));
}

export function format(figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3);
}

export function printMedians(unit: string, figures: Record<string, readonly number[]>): void {
  for (const [name, values] of Object.entries(figures)) {
    console.log(
      `${name}: ${format(median(values))} ${unit} (${format(Math.min(...values))}–${format(Math.max(...values))})`,
    );
  }
}
