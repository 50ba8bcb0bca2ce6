import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { COPY_SCRIPT } from './copy_script.ts';
import { LOG_SCRIPT } from './log_script.ts';
import { Meta } from './meta.tsx';
import { Header, SectionTabs, type Viewer } from './navigation.tsx';
import { STYLE } from './style.ts';

export interface DocumentParts {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Who is signed in: the page gets the header with navigation and sign-out. Else it is one card in the middle. */
  readonly user?: Viewer | undefined;
  /** Of the sign-out form; needed with `user`. */
  readonly csrf?: string | undefined;
  /** Path of the entry of the navigation that this page belongs to. */
  readonly current?: string | undefined;
  /** The bar on top for whoever is signed in, but is no user. */
  readonly header?: ComponentChildren;
  /** The page has something to copy (`Secret`); tell `setPageHeaders` the same. */
  readonly script?: boolean | undefined;
  /** The page follows the log of a build; tell `setPageHeaders` the same. */
  readonly follows?: boolean | undefined;
  /** Module scripts by address. */
  readonly scripts?: readonly string[];
  /** Of the card: narrow for a form, else wide enough for text. */
  readonly slim?: boolean | undefined;
}

/** A whole HTML document as text. */
export function renderDocument(parts: DocumentParts): string {
  return `<!doctype html>\n${renderToString(<Document {...parts} />)}\n`;
}

function Document(parts: DocumentParts) {
  const { title, scripts = [], user, csrf = '', current = '' } = parts;
  const header = user ? <Header user={user} csrf={csrf} current={current} /> : parts.header;
  return (
    <html lang="en">
      <head>
        <Meta title={title} />
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
        {scripts.map((src) => (
          <script type="module" src={src} />
        ))}
      </head>
      {header ? <Full {...parts} header={header} /> : <Solo {...parts} />}
    </html>
  );
}

function Solo({ children, slim = false, script }: DocumentParts) {
  return (
    <body class={slim ? 'solo slim' : 'solo'}>
      <main>{children}</main>
      {script && <CopyScript />}
    </body>
  );
}

function Full({ children, header, user, current = '', script, follows }: DocumentParts) {
  return (
    <body>
      <a class="skip" href="#content">
        Skip to content
      </a>
      {header}
      <main class="wide" id="content" tabIndex={-1}>
        {user && <SectionTabs user={user} current={current} />}
        {children}
      </main>
      {script && <CopyScript />}
      {follows && <script dangerouslySetInnerHTML={{ __html: LOG_SCRIPT }} />}
    </body>
  );
}

function CopyScript() {
  return <script dangerouslySetInnerHTML={{ __html: COPY_SCRIPT }} />;
}
