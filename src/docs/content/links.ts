import { headingAnchor, operationAnchor } from './anchors.ts';

/** What guides may link to. */
export interface Targets {
  /** Slug of the heading by name of the guide. */
  readonly guides: ReadonlyMap<string, string>;
  /** Tag by operationId. */
  readonly operations: ReadonlyMap<string, string>;
}

const LINK = /\]\((guide|operation):([^)\s]+)\)/g;

/** Turns `(guide:errors)` and `(operation:listProducts)` into anchors of the page. What there is not stays as it is. */
export function resolveLinks(markdown: string, targets: Targets): string {
  return markdown.replaceAll(LINK, (link, kind: string, name: string) => {
    const anchor = anchorOf(targets, kind, name);
    return anchor === undefined ? link : `](#${anchor})`;
  });
}

/** Links that lead nowhere: `guide:nothing`. */
export function brokenLinks(resolved: string): readonly string[] {
  return [...resolved.matchAll(LINK)].map(([, kind, name]) => `${kind}:${name}`);
}

function anchorOf({ guides, operations }: Targets, kind: string, name: string): string | undefined {
  if (kind === 'guide') {
    const slug = guides.get(name);
    return slug === undefined ? undefined : headingAnchor(slug);
  }
  const tag = operations.get(name);
  return tag === undefined ? undefined : operationAnchor(tag, name);
}
