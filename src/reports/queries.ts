import type { Copy } from './copies.ts';
import type { Days } from './rules.ts';

export interface ReportFilter extends Days {
  readonly productId?: string | undefined;
  readonly status?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * The query of the report. What it is asked for reaches it as settings of the transaction, since COPY takes no
 * parameters; only fixed text is put together here. Rows leave in the order of an index, each looked up on its own:
 * to sort or to hash a million of them first would keep the client waiting.
 */
export function downloadReport(organisationId: string, { from, to, productId, status, limit }: ReportFilter): Copy {
  const conditions = [
    `s.organisation_id = current_setting('continuity.organisation')`,
    from === undefined ? [] : `s.started_at >= ${startOf(`current_setting('continuity.from')::date`)}`,
    to === undefined ? [] : `s.started_at < ${startOf(`(current_setting('continuity.to')::date + 1)`)}`,
    productId === undefined ? [] : `s.product_id = current_setting('continuity.product')`,
    status === undefined ? [] : `s.status = current_setting('continuity.status')`,
  ].flat();
  return {
    settings: {
      ...PLAN,
      'continuity.organisation': organisationId,
      'continuity.from': from ?? '',
      'continuity.to': to ?? '',
      'continuity.product': productId ?? '',
      'continuity.status': status ?? '',
      'continuity.limit': String(limit ?? ''),
    },
    query: `${ROWS} where ${conditions.join(' and ')}
      order by s.started_at, s.id limit nullif(current_setting('continuity.limit'), '')::bigint`,
  };
}

const PLAN = {
  enable_sort: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_memoize: 'off',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
};

/** The first moment of a day in UTC, whatever the time zone of the connection. */
const startOf = (day: string) => `(${day}::timestamp at time zone 'UTC')`;

const time = (value: string) => `to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * Text that somebody else chose. What a spreadsheet would run as a formula (a first `=`, `+`, `-`, `@`, tab or line
 * break, here by their code points) gets a quote in front (OWASP, "CSV Injection"). Line breaks become LF, as which
 * COPY also ends rows, so that one rule makes them all CRLF on the way out. Nothing is an empty cell, without quotes.
 */
const text = (value: string) =>
  `case when ascii(${value}) in (61, 43, 45, 64, 9, 13, 10) then '''' else '' end ||
    replace(replace(nullif(${value}, ''), chr(13) || chr(10), chr(10)), chr(13), chr(10))`;

const ROWS = `
  select s.id as "sessionId", s.product_id as "productId", ${text('pr.name')} as "productName",
    ${text('v.version')} as "version", ${text('coalesce(p.customer_email, t.customer_email)')} as "customerEmail",
    ${text('p.customer_name')} as "customerName", ${text('coalesce(p.order_id, t.order_id)')} as "orderId",
    s.status as "status", ${time('s.started_at')} as "startedAt", ${time('s.completed_at')} as "completedAt",
    s.bytes_sent as "bytesSent", ${text('s.user_agent')} as "userAgent"
  from download_sessions s
  join products pr on pr.organisation_id = s.organisation_id and pr.id = s.product_id
  join versions v on v.id = s.version_id
  join download_tokens t on t.id = s.token_id
  left join purchases p
    on p.organisation_id = t.organisation_id and p.product_id = t.product_id and p.id = t.purchase_id`;
