import { renderToString } from 'preact-render-to-string';
import { Meta } from '../pages/meta.tsx';
import { LETTER_STYLE } from './letter_style.ts';
import type { Mail } from './mail.ts';

interface Link {
  readonly link: string;
  /** What it leads to, such as a product: stands above it. */
  readonly title?: string;
  /** Of its button in HTML; a link without one is written out. */
  readonly label?: string;
  /** Beside the point: it gets no button. */
  readonly quiet?: boolean;
}

/** Words, a link, or a code on a line of its own. */
type Paragraph = string | Link | { readonly code: string };

/** A message with the same words as text and as HTML. */
export function letter(to: string, subject: string, paragraphs: readonly Paragraph[]): Mail {
  const html = renderToString(<Letter subject={subject} paragraphs={paragraphs} />);
  return { to, subject, text: `${paragraphs.map(asText).join('\n\n')}\n`, html: `<!doctype html>${html}` };
}

function asText(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return paragraph;
  if ('code' in paragraph) return paragraph.code;
  const { title, link } = paragraph;
  return title === undefined ? link : `${title}\n${link}`;
}

function Letter({ subject, paragraphs }: { readonly subject: string; readonly paragraphs: readonly Paragraph[] }) {
  return (
    <html lang="en">
      <head>
        <Meta title={subject} />
        <style dangerouslySetInnerHTML={{ __html: LETTER_STYLE }} />
      </head>
      <body>
        <div class="letter">
          {paragraphs.map((paragraph) => (
            <AsHtml paragraph={paragraph} />
          ))}
        </div>
      </body>
    </html>
  );
}

function AsHtml({ paragraph }: { readonly paragraph: Paragraph }) {
  if (typeof paragraph === 'string') return <p>{paragraph}</p>;
  if ('code' in paragraph) return <p class="code">{paragraph.code}</p>;
  const { link, title, label, quiet = label === undefined } = paragraph;
  return (
    <>
      {title !== undefined && (
        <p class="title">
          <bdi>{title}</bdi>
        </p>
      )}
      <p>
        <a href={link} class={quiet ? undefined : 'button'}>
          {label ?? link}
        </a>
      </p>
    </>
  );
}
