/**
 * A place in the order in which events are told: by transaction, then by id. All up to it were told, and it itself where
 * it is that of an event; with id 0, all of earlier transactions.
 */
export interface Position {
  readonly tx: bigint;
  readonly id: bigint;
}

export function isAfter(a: Position, b: Position): boolean {
  return a.tx === b.tx ? a.id > b.id : a.tx > b.tx;
}

/** What a moment knows of transactions; PostgreSQL's pg_snapshot. */
export interface Snapshot {
  /** Each earlier transaction had ended. */
  readonly xmin: bigint;
  /** This one and later ones had not begun. */
  readonly xmax: bigint;
  /** Those in between that were under way. */
  readonly underWay: ReadonlySet<bigint>;
}

/** Reads `xmin:xmax:xip,xip,…`. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '', xmax = '', list = ''] = text.split(':');
  const underWay = new Set(list.split(',').filter(Boolean).map(BigInt));
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), underWay };
}

/** Whether the transaction had committed by then, if it ever did. */
export function hadEnded({ xmin, xmax, underWay }: Snapshot, tx: bigint): boolean {
  return tx < xmin || (tx < xmax && !underWay.has(tx));
}

/** Where one begins who wants what comes after a moment, and not what had happened by then. */
export interface Start {
  readonly position: Position;
  /** What had happened by then is passed over, though it is told later. */
  readonly now: Snapshot | undefined;
}

export function wants({ position, now }: Start, event: Position): boolean {
  return isAfter(event, position) && !(now && hadEnded(now, event.tx));
}

/** Whether everything after `at` is wanted. */
export function wantsAllAfter({ position, now }: Start, at: Position): boolean {
  return !isAfter(position, at) && (!now || at.tx >= now.xmax);
}
