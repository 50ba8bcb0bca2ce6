import type { Handler } from '../http/handler.ts';
import { downloadReport } from './queries.ts';
import { reportName, requireDays } from './rules.ts';

export const getDownloadReport: Handler<'getDownloadReport'> = ({ deps, principal, query }, reply) => {
  requireDays(query);
  const report = downloadReport(principal.organisationId, query);
  const headers = { 'Content-Disposition': `attachment; filename="${reportName(query)}"` };
  return reply(200, { type: 'text/csv', headers, body: (sink) => deps.copies.pour(report, sink) });
};
