import { Marked, type Token } from 'marked';
import { createSlugger, headingAnchor } from './anchors.ts';
import { plainText } from './headings.ts';
import { highlight } from './highlight.ts';

/**
 * Markdown of ours as HTML: for each heading a section, with the anchor that the reference's navigation has for it;
 * scrolling parts can be reached by keyboard.
 */
export function renderHtml(markdown: string): string {
  const slugger = createSlugger();
  const parts = sectionsOf(marked.lexer(markdown)).map(({ heading, tokens }) => {
    const id = heading && ` id="${headingAnchor(slugger(plainText(heading)))}"`;
    return `<section${id ?? ''}>\n${marked.parser(tokens)}</section>\n`;
  });
  return parts
    .join('')
    .replaceAll('<table>', '<div class="scrolls" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>');
}

const marked = new Marked({
  renderer: {
    heading({ tokens, depth }) {
      // The page has one h1, its title.
      const level = Math.min(depth + 1, 6);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    code: ({ text, lang = '' }) => `<pre tabindex="0">${highlight(text, lang.split(' ', 1)[0] ?? '')}</pre>\n`,
    html: ({ text }) => (text.startsWith('<!--') ? '' : text),
  },
});

interface Section {
  readonly heading: readonly Token[] | undefined;
  readonly tokens: Token[];
}

/** The text from each heading to the next. */
function sectionsOf(tokens: readonly Token[]): readonly Section[] {
  const sections: Section[] = [];
  for (const token of tokens) {
    if (token.type === 'heading') sections.push({ heading: token.tokens ?? [], tokens: [] });
    if (sections.length === 0) sections.push({ heading: undefined, tokens: [] });
    sections.at(-1)?.tokens.push(token);
  }
  return sections;
}
