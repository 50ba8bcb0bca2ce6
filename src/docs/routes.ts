import { readdirSync } from 'node:fs';
import type { Config } from '../config.ts';
import { PAGE_HEADERS } from './page_headers.ts';
import { builtFile, completedFile, type Representation } from './representation.ts';
import { nameServer } from './server_url.ts';

export interface DocsRoute {
  readonly path: string;
  readonly method: 'get';
  readonly type: string;
  readonly representation: Representation;
  readonly headers: Readonly<Record<string, string>>;
  /** Scripts of any site may read it. */
  readonly open?: boolean;
}

/** Asked for again each time, which costs a 304: after an upgrade nobody shall see the old one. */
const FRESH = { 'Cache-Control': 'public, no-cache' };
/** The name changes with the content (RFC 8246). */
const FOREVER = { 'Cache-Control': 'public, max-age=31536000, immutable' };

/** RFC 8631: where the description is, and where people read it. */
const LINKS = {
  Link: [
    '</openapi.json>; rel="service-desc"; type="application/json"',
    '</openapi.yaml>; rel="service-desc"; type="application/yaml"',
    '</docs>; rel="service-doc"; type="text/html"',
  ].join(', '),
};

const ASSET_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** What is served of the folder that `npm run build` made. */
export function docsRoutes(folder: URL, { publicUrl }: Pick<Config, 'publicUrl'>): readonly DocsRoute[] {
  const completed = (name: string) => completedFile(new URL(name, folder), (text) => nameServer(text, publicUrl));
  const open = { open: true, headers: { ...FRESH, ...LINKS } };
  return [
    { path: '/openapi.json', type: 'application/json', representation: completed('openapi.json'), ...open },
    { path: '/openapi.yaml', type: 'application/yaml', representation: completed('openapi.yaml'), ...open },
    {
      path: '/docs',
      type: 'text/html; charset=utf-8',
      representation: completed('page.html'),
      headers: { ...FRESH, ...LINKS, ...PAGE_HEADERS },
    },
    { path: '/docs/content.json', type: 'application/json', representation: completed('content.json'), headers: FRESH },
    ...assets(new URL('assets/', folder)),
  ].map((route) => ({ ...route, method: 'get' }));
}

function assets(folder: URL): Omit<DocsRoute, 'method'>[] {
  return readdirSync(folder).flatMap((name) => {
    const type = ASSET_TYPES[name.split('.').at(-1) ?? ''];
    if (type === undefined) return [];
    return [{ path: `/docs/${name}`, type, representation: builtFile(new URL(name, folder)), headers: FOREVER }];
  });
}
