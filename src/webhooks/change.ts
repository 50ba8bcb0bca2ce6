/** What a report means for us, whoever sent it. */
export type Change = Sale | Refund | Relation;

export interface Sale {
  readonly kind: 'sale';
  /**
   * The names under which the vendor's reports speak of this payment; never empty. Reports that share one are of one
   * order.
   */
  readonly references: readonly string[];
  /** Normalised; null where the report does not say. */
  readonly email: string | null;
  readonly name: string | null;
  /** ISO 4217; null where it is unknown, and then no line has an amount. */
  readonly currency: string | null;
  /** Null where the report does not say. */
  readonly purchasedAt: Date | null;
  readonly lines: readonly SaleLine[];
  /** Lines of the order that were refunded since. */
  readonly returned?: readonly RefundedLine[];
  /** What could not be read and was left out, for an admin. */
  readonly problem?: string | undefined;
}

/** Says nothing more of an order: what is known of it may come to a sale. */
export const NOTHING: Sale = {
  kind: 'sale',
  references: [],
  email: null,
  name: null,
  currency: null,
  purchasedAt: null,
  lines: [],
};

export interface SaleLine {
  /** Tells the lines of an order apart, alike in every report; empty where nothing is known but that it was paid. */
  readonly key: string;
  /** Our own slug, where the seller put it into the item's metadata. */
  readonly productId: string | null;
  /** What the vendor calls the item, the most exact name first. */
  readonly externalIds: readonly string[];
  readonly title: string | null;
  readonly quantity: number;
  /** Of the whole line, in the currency's minor unit. */
  readonly amount: number | null;
}

/** Money went back, or the order was cancelled. */
export interface Refund {
  readonly kind: 'refund';
  readonly references: readonly string[];
  /** Undefined where all of the order was. */
  readonly lines: readonly RefundedLine[] | undefined;
}

export interface RefundedLine {
  /** As in the sale. */
  readonly key: string;
  readonly externalIds: readonly string[];
  /** No less than what came back for it, in the currency's minor unit: who paid more keeps it. Null for all of it. */
  readonly amount: number | null;
}

/** Says only that these names are of one payment. */
export interface Relation {
  readonly kind: 'relation';
  readonly references: readonly string[];
}

/** What tells one report from another. */
export interface Report {
  readonly eventId: string;
  readonly type: string;
}
