import { Marked } from 'marked';
import { createSlugger, headingAnchor } from './anchors.ts';
import { plainText } from './text.ts';

/** Markdown of ours as HTML with the anchors that the reference has; scrolling parts can be reached by keyboard. */
export function renderHtml(markdown: string): string {
  const slugger = createSlugger();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const anchor = headingAnchor(slugger(plainText(tokens)));
        // The page has one h1, its title.
        const level = Math.min(depth + 1, 6);
        return `<h${level} id="${anchor}">${this.parser.parseInline(tokens)}</h${level}>\n`;
      },
      html({ text }) {
        return text.startsWith('<!--') ? '' : text;
      },
    },
  });
  return (marked.parse(markdown, { async: false }) as string)
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replaceAll('<table>', '<div class="scrolls" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>');
}
