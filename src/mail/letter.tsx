import { renderToString } from 'preact-render-to-string';
import type { Mail } from './mail.ts';

/** A paragraph: words, or a link on a line of its own. */
type Paragraph = string | { readonly link: string };

/** A message with the same words as text and as HTML. */
export function letter(to: string, subject: string, paragraphs: readonly Paragraph[]): Mail {
  const text = paragraphs.map((paragraph) => (typeof paragraph === 'string' ? paragraph : paragraph.link));
  const html = (
    <html lang="en">
      <body>
        {paragraphs.map((paragraph) => (
          <p>{typeof paragraph === 'string' ? paragraph : <a href={paragraph.link}>{paragraph.link}</a>}</p>
        ))}
      </body>
    </html>
  );
  return { to, subject, text: `${text.join('\n\n')}\n`, html: `<!doctype html>${renderToString(html)}` };
}
