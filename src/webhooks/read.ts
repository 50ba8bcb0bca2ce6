import type { IncomingHttpHeaders } from 'node:http';
import type { Change, Report } from './change.ts';
import * as fastspring from './fastspring.ts';
import * as shopify from './shopify.ts';
import * as stripe from './stripe.ts';
import type { Vendor } from './vendors.ts';
import * as vibracartpro from './vibracartpro.ts';
import * as woocommerce from './woocommerce.ts';

interface Reader {
  /** What a post reports; the hash of its body stands for an id that is missing. */
  reportsOf(body: unknown, headers: IncomingHttpHeaders, bodyHash: string): Report[];
  /** What a report means; undefined where it changes nothing here. `body` is as `parseExact` reads it. */
  changeOf(body: unknown, type: string, eventId: string): Change | undefined;
}

export const readers: Readonly<Record<Vendor, Reader>> = { stripe, shopify, woocommerce, fastspring, vibracartpro };
