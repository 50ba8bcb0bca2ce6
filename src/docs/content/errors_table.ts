import { catalogue, type ErrorCode, OAUTH_CODES } from '../../errors/catalogue.ts';

/** Stands in a guide where the table belongs. */
export const ERRORS_MARKER = '<!-- errors -->';

/** Every error code with its status, from the catalogue that the server answers by. OAuth's words have a table of their own. */
export function errorsTable(): string {
  const codes = Object.keys(catalogue) as ErrorCode[];
  const own = codes.filter((code) => !OAUTH_CODES.has(code) || code === 'slow_down');
  const oauth = codes.filter((code) => OAUTH_CODES.has(code));
  return [
    '| Code | Delivery API | Platform API | Meaning |',
    '|---|---|---|---|',
    ...own.map((code) => row(code, catalogue[code].delivery, catalogue[code].platform, catalogue[code].meaning)),
    '',
    'The OAuth 2 endpoints answer `{"error": "<code>"}` as RFC 6749 says, with these:',
    '',
    '| Code | Status | Meaning |',
    '|---|---|---|',
    ...oauth.map((code) => row(code, catalogue[code].oauth2, catalogue[code].meaning)),
  ].join('\n');
}

function row(code: string, ...cells: (string | number)[]): string {
  return `| ${[`\`${code}\``, ...cells].join(' | ')} |`;
}
