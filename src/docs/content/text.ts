import type { OpenAPIV3 } from 'openapi-types';
import { createSlugger } from './anchors.ts';
import { ERRORS_MARKER, errorsTable } from './errors_table.ts';
import type { Guide } from './guides.ts';
import { headingsOf } from './headings.ts';
import { resolveLinks } from './links.ts';
import { listOperations } from './operations.ts';

const DOWNLOADS =
  'The API as an OpenAPI 3.0 document, for generators and other tools: [openapi.json](openapi.json), [openapi.yaml](openapi.yaml).';

/** Introduction and guides as one Markdown text: what comes above the list of operations. */
export function textAbove(document: OpenAPIV3.Document, guides: readonly Guide[]): string {
  const introduction = `# Introduction\n\n${document.info.description ?? ''}\n${DOWNLOADS}\n`;
  const texts = [introduction, ...guides.map(({ markdown }) => markdown)];
  const joined = texts.join('\n').replaceAll(ERRORS_MARKER, errorsTable);
  const [, ...slugs] = titleSlugs(texts);
  return resolveLinks(joined, {
    guides: new Map(guides.map(({ name }, position) => [name, slugs[position] ?? ''])),
    operations: new Map(listOperations(document).map(({ id, tag }) => [id, tag])),
  });
}

/** Of each text the slug of its first heading, where all texts share one namespace. */
function titleSlugs(texts: readonly string[]): readonly string[] {
  const slugger = createSlugger();
  return texts.map((text) => {
    const [first = ''] = headingsOf(text).map(({ title }) => slugger(title));
    return first;
  });
}
