/** Entries that a list shows at once. */
export const MOST = 50;

export interface Shown<Row> {
  readonly rows: readonly Row[];
  /** Id of the last one that is shown, where there are older ones. */
  readonly older: string | undefined;
}

/** What a page shows of rows that were read one over `MOST`. */
export function shownOf<Row extends { id: string }>(found: readonly Row[]): Shown<Row> {
  const rows = found.slice(0, MOST);
  return { rows, older: found.length > MOST ? rows.at(-1)?.id : undefined };
}

interface OlderParts {
  readonly path: string;
  /** What else the address says. */
  readonly query?: Readonly<Record<string, string>>;
  /** Name of the parameter that says where to go on. */
  readonly name?: string;
  readonly older: string | undefined;
  readonly children: string;
}

/** The way to the entries that do not fit; nothing where all do. */
export function Older({ path, query = {}, name = 'before', older, children }: OlderParts) {
  if (older === undefined) return null;
  return (
    <p class="older">
      <a href={`${path}?${new URLSearchParams({ ...query, [name]: older })}`}>{children}</a>
    </p>
  );
}
