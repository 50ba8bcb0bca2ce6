import './inline_styles.ts';
import { createApiReference } from '@scalar/api-reference';
import { keepMended } from './mending.ts';
import '@scalar/api-reference/style.css';
import { SLUG, slugs } from './slugs.ts';
import './style.css';

/** Where this server is for this browser, whatever name it has elsewhere: the policy lets scripts ask nobody else. */
const server = new URL('.', location.href).href.replace(/\/$/, '');

// The window that an authorization server sends back here: the page that opened it reads the address and closes it.
if (!isAnswerToAuthorization()) start(document.currentScript as HTMLScriptElement);

function isAnswerToAuthorization(): boolean {
  const query = new URLSearchParams(location.search);
  return window.opener !== null && query.has('state') && (query.has('code') || query.has('error'));
}

function start({ dataset }: HTMLScriptElement): void {
  const plain = document.getElementById('plain');
  plain?.classList.add('over');
  keepMended();
  createApiReference('#reference', {
    slug: SLUG,
    url: dataset['content'],
    servers: [{ url: server, description: 'This server' }],
    // Nothing is asked of anybody but this server.
    telemetry: false,
    withDefaultFonts: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    hideClientButton: true,
    showDeveloperTools: 'never',
    persistAuth: false,
    authentication: { preferredSecurityScheme: 'apiKey' },
    documentDownloadType: 'none',
    defaultOpenFirstTag: false,
    orderSchemaPropertiesBy: 'preserve',
    orderRequiredPropertiesFirst: false,
    // Everybody's samples are in the document.
    hiddenClients: true,
    ...slugs,
    onLoaded: () => plain?.classList.add('beside'),
  } as Parameters<typeof createApiReference>[1]);
}
