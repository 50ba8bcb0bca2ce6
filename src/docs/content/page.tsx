import type { OpenAPIV3 } from 'openapi-types';
import { renderToString } from 'preact-render-to-string';
import { Meta } from '../../pages/meta.tsx';
import { operationAnchor } from './anchors.ts';
import { titlesOf } from './headings.ts';
import { renderHtml } from './html.ts';
import { listOperations, tagTitle } from './operations.ts';

export interface PageParts {
  readonly document: OpenAPIV3.Document;
  /** Introduction and guides. */
  readonly markdown: string;
  /** Addresses, relative to the page's. */
  readonly script: string;
  readonly style: string;
  readonly content: string;
}

/** The whole page, to be read without script: the guides and a list of operations, which the script replaces. */
export function renderPage(parts: PageParts): string {
  return `<!doctype html>\n${renderToString(<Page {...parts} />)}\n`;
}

function Page({ document, markdown, script, style, content }: PageParts) {
  return (
    <html lang="en">
      <head>
        <Meta title={`${document.info.title} API`} />
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={style} />
        <link rel="preload" href={content} as="fetch" crossOrigin="anonymous" />
        <script defer src={script} data-content={content} />
      </head>
      <body>
        <div id="reference" />
        <div class="plain" id="plain">
          <nav aria-label="Contents">
            <ul>
              {titlesOf(markdown).map(({ title, anchor }) => (
                <li>
                  <a href={`#${anchor}`}>{title}</a>
                </li>
              ))}
              <li>
                <a href="#operations">Operations</a>
              </li>
            </ul>
          </nav>
          <main>
            <h1>{`${document.info.title} API`}</h1>
            <div class="guides" dangerouslySetInnerHTML={{ __html: renderHtml(markdown) }} />
            <h2 id="operations">Operations</h2>
            {document.tags?.map((tag) => (
              <Tag tag={tag} document={document} />
            ))}
          </main>
        </div>
      </body>
    </html>
  );
}

function Tag({ tag, document }: { tag: OpenAPIV3.TagObject; document: OpenAPIV3.Document }) {
  return (
    <section id={`tag/${tag.name}`}>
      <h3>{tagTitle(tag.name)}</h3>
      <ul>
        {listOperations(document)
          .filter((operation) => operation.tag === tag.name)
          .map(({ id, method, path, summary }) => (
            <li id={operationAnchor(tag.name, id)}>
              {summary} <code>{`${method} ${path}`}</code>
            </li>
          ))}
      </ul>
    </section>
  );
}
