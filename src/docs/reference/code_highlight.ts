import { Marked } from 'marked';
import { escapeHtml, highlight } from '../content/highlight.ts';

/*
 * In place of the reference's package of that name, which runs each text through a chain of a dozen parsers: a third of the
 * time until the page could be used. All text here is our own document's, in which no description has headings.
 */

const marked = new Marked();

export const htmlFromMarkdown = (markdown: string): string => marked.parse(markdown, { async: false });

/** Asked while it makes the navigation and the anchors, which are ready. */
export const getHeadings = (): never[] => [];
export const isHeading = (): boolean => false;
export const textFromNode = (): string => '';

/** What it may choose from: here the languages are fixed. */
export const standardLanguages = {};

interface Options {
  readonly lang: string;
  /** Hidden until the pointer is over them. */
  readonly maskCredentials?: string | readonly string[];
}

/** A block of code as `<pre>`. */
export function syntaxHighlight(code: string, { lang, maskCredentials = [] }: Options): string {
  const html = `<pre>${highlight(code, lang)}</pre>`;
  return [maskCredentials]
    .flat()
    .filter((secret) => secret.length > 2)
    .reduce((masked, secret) => masked.replaceAll(escapeHtml(secret), maskOf), html);
}

const maskOf = (secret: string) => `<span class="credential"><span class="credential-value">${secret}</span></span>`;
