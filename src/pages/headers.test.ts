import { createHash } from 'node:crypto';
import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { renderDocument } from './document.tsx';
import { type PageHeaders, setPageHeaders } from './headers.ts';

function policyOf(options?: PageHeaders): string[] {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  setPageHeaders(res, options);
  return String(res.getHeader('content-security-policy')).split('; ');
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

it('allows the stylesheet and script that stand in the document, by their hashes', () => {
  const html = renderDocument({ title: 'a', children: 'b', script: true });
  const [style, script] = [/<style>([\s\S]*?)<\/style>/, /<script>([\s\S]*?)<\/script>/].map(
    (tag) => tag.exec(html)?.[1],
  );
  expect(policyOf({ script: true })).toEqual([
    "default-src 'none'",
    `script-src ${hashOf(script ?? '')}`,
    `style-src ${hashOf(style ?? '')}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]);
});

it('allows no script where there is none', () => {
  expect(policyOf().some((directive) => directive.startsWith('script-src'))).toBe(false);
});

it('takes no directive from where a form leads', () => {
  const policy = policyOf({ formAction: ["https://a.example/; script-src 'unsafe-inline'", 'b:'] });
  expect(policy.filter((directive) => directive.startsWith('script-src'))).toEqual([]);
  expect(policy).toContain("form-action 'self' https://a.example/%3B%20script-src%20'unsafe-inline' b:");
});
