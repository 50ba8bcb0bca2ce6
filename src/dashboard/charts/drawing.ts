export const CHARTS = ['downloads', 'volume', 'completion', 'products'] as const;
export const SIZES = { wide: { width: 896, height: 280 }, narrow: { width: 320, height: 240 } } as const;
export const SCHEMES = ['light', 'dark'] as const;

export type Chart = (typeof CHARTS)[number];
export type Size = keyof typeof SIZES;
export type Scheme = (typeof SCHEMES)[number];

export interface Counted {
  readonly label: string;
  readonly started: number;
  readonly completed: number;
  readonly bytes: number;
}

export interface Drawing {
  readonly chart: Chart;
  readonly size: Size;
  readonly scheme: Scheme;
  /** Groups of days in their order, or products with the most downloaded first. */
  readonly rows: readonly Counted[];
}
