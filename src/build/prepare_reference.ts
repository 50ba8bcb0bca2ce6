import { createWorkspaceStore } from '@scalar/workspace-store/client';
import type { OpenAPIV3 } from 'openapi-types';
import { headingsOf } from '../docs/content/headings.ts';
import { SLUG, slugs } from '../docs/reference/slugs.ts';

/**
 * The document as the reference keeps it, with its navigation, which names the guides' headings as well: what it would make
 * in every browser, at each visit, is made here once. The guides' text is left out; it stands in the page.
 */
export async function prepareReference(document: OpenAPIV3.Document, guides: string): Promise<object> {
  const store = createWorkspaceStore();
  const withGuides = { ...document, info: { ...document.info, description: outlineOf(guides) } };
  await silently(() => store.addDocument({ name: SLUG, document: withGuides as never }, slugs as never));
  return { ...store.exportWorkspace().documents[SLUG], openapi: document.openapi, info: document.info };
}

/** Headings alone, as they are read: of code in one the reference would make nothing. */
function outlineOf(guides: string): string {
  return headingsOf(guides)
    .map(({ depth, title }) => `${'#'.repeat(depth)} ${title.replace(/[^\p{L}\p{N}\s]/gu, '\\$&')}\n`)
    .join('\n');
}

/** It prints how long each of its steps took. */
async function silently(run: () => Promise<unknown>): Promise<void> {
  const { info } = console;
  console.info = () => undefined;
  try {
    await run();
  } finally {
    console.info = info;
  }
}
