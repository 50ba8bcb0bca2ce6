import { askPages } from './ask_page.tsx';
import { codePages } from './code_page.tsx';
import { libraryPages } from './library_page.tsx';
import { linkPages } from './link_page.tsx';
import type { PortalRoute } from './page.ts';
import { signOutPages } from './sign_out_page.ts';

/** Every page for customers. */
export const routes: readonly PortalRoute[] = [
  ...askPages,
  ...codePages,
  ...linkPages,
  ...libraryPages,
  ...signOutPages,
];
