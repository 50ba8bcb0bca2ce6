import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { type Change, NOTHING, type Refund, type Sale } from './change.ts';
import { excessOf } from './limits.ts';
import type { Order, Shop } from './order_queries.ts';
import { settleOrders } from './orders.ts';
import { parseExact } from './payload.ts';
import type { SaleDeps } from './plan.ts';
import { type Delivery, type DeliveryKey, type Ended, endDeliveries, type Ending, holdDeliveries } from './queries.ts';
import { readers } from './read.ts';
import { bodyPurpose } from './receive.ts';
import type { Names } from './reference_queries.ts';
import { applyRefund } from './refunds.ts';
import { applySales } from './sales.ts';
import { isVendor } from './vendors.ts';

/** A delivery that was read. */
interface Report extends Names {
  readonly delivery: DeliveryKey;
  readonly change: Change;
}

/** One whose order is known. */
interface OrderReport<C extends Change = Change> extends Report {
  readonly order: Order;
  readonly change: C;
}

/**
 * Does what the reports say that are not applied yet, all or none. They go in waves in which each is of another order, so
 * that all of a wave is read at once, and written at once.
 */
export async function applyDeliveries(
  tx: Transaction<DB>,
  deps: SaleDeps,
  keys: readonly DeliveryKey[],
): Promise<void> {
  const endings: Ended[] = [];
  let left: Report[] = [];
  for (const delivery of await holdDeliveries(tx, keys)) {
    const report = read(deps, delivery);
    if ('status' in report) endings.push(report);
    else left.push(report);
  }
  while (left.length > 0) {
    const [wave, later] = apart(left, namesIn);
    const { ended, others } = await applyWave(tx, deps, wave);
    endings.push(...ended);
    left = [...others, ...later];
  }
  await endDeliveries(tx, endings);
}

/** Its ending where there is nothing to do. */
function read({ vault }: SaleDeps, row: Delivery): Report | Ended {
  const { organisation_id: organisationId, vendor } = row;
  const delivery = { deliveryId: row.id, organisationId };
  if (!isVendor(vendor)) return { ...delivery, status: 'ignored', error: `unknown vendor ${vendor}` };
  const body = parseExact(vault.open(row.sealed_body, bodyPurpose(organisationId, vendor)).toString());
  const change = readers[vendor].changeOf(body, row.type, row.event_id);
  if (!change) return { ...delivery, status: 'ignored' };
  if (change.references.length === 0) return { ...delivery, status: 'ignored', error: 'it names no order' };
  const excess = excessOf(change);
  if (excess !== undefined) return { ...delivery, status: 'failed', error: excess };
  return { delivery, shop: { organisationId, vendor }, references: change.references, change };
}

const within = ({ organisationId, vendor }: Shop, name: string) => `${organisationId} ${vendor} ${name}`;
const namesIn = ({ shop, references }: Names) => references.map((name) => within(shop, name));
const orderIn = ({ order: { shop, orderId } }: OrderReport) => [within(shop, orderId)];

/** Those that have no name in common with one before them; and the others. */
function apart<T>(items: readonly T[], namesOf: (item: T) => readonly string[]): [T[], T[]] {
  const taken = new Set<string>();
  const [first, others]: [T[], T[]] = [[], []];
  for (const item of items) {
    const names = namesOf(item);
    (names.some((name) => taken.has(name)) ? others : first).push(item);
    for (const name of names) taken.add(name);
  }
  return [first, others];
}

/** Leaves the others for the next wave: their names are different, and yet their order is one that is in this wave. */
async function applyWave(tx: Transaction<DB>, deps: SaleDeps, wave: readonly Report[]) {
  const orderIds = await settleOrders(tx, deps, wave);
  const known = wave.map((report, i) => ({ ...report, order: { shop: report.shop, orderId: orderIds[i] ?? '' } }));
  const [reports, others] = apart(known, orderIn);
  for (const report of reports.filter(isRefund)) await applyRefund(tx, deps, report.order, report.change);
  for (const { order, change } of reports.filter(isSale))
    if (change.returned?.length) await applyRefund(tx, deps, order, { lines: change.returned });
  return { ended: await sell(tx, deps, reports), others };
}

const isSale = (report: OrderReport): report is OrderReport<Sale> => report.change.kind === 'sale';
const isRefund = (report: OrderReport): report is OrderReport<Refund> => report.change.kind === 'refund';

/** What says that two orders are one may tell what waits in either, so that each report is looked at for a sale. */
async function sell(tx: Transaction<DB>, deps: SaleDeps, reports: readonly OrderReport[]): Promise<Ended[]> {
  const sales = reports.map((report) => ({
    order: report.order,
    deliveryId: report.delivery.deliveryId,
    sale: isSale(report) ? report.change : NOTHING,
  }));
  const applied = await applySales(tx, deps, sales);
  return reports.map((report, i) => {
    const status: Ending['status'] = applied[i]?.waiting ? 'unmapped' : 'applied';
    return { ...report.delivery, status, error: isSale(report) ? report.change.problem : undefined };
  });
}
