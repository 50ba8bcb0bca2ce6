/** The file name a version's archive is saved under: ASCII, so that `filename=` of RFC 6266 needs no second form. */
export function archiveName(productId: string, version: string): string {
  return `${productId}-${version.replaceAll(/[^0-9A-Za-z._-]/g, '_')}.zip`;
}

/** Bytes [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Whether a token may read these bytes of a pack: they lie within one span that its version refers to. */
export function isWithin(spans: readonly Span[], { start, end }: Span): boolean {
  return spans.some((span) => span.start <= start && end <= span.end);
}

/**
 * Where a pack's bytes stand in the count of a pack-wise session: packs one after the other, each in room for the
 * largest pack there can be.
 */
export function packPosition(packNumber: number, offset: number): number {
  return packNumber * 2 ** 24 + offset;
}
