/** What is asked for where the reference shows these as examples. */
const NAMES: Readonly<Record<string, string>> = { janedoe: 'Username', 12345: 'Client ID' };

function nameEditor(element: HTMLElement): void {
  const example = element.ariaPlaceholder ?? '';
  element.ariaLabel = NAMES[example] ?? example;
}

function forgetWhatIsNotThere(element: HTMLElement): void {
  const id = element.getAttribute('aria-controls') ?? '';
  if (!document.getElementById(id)) element.removeAttribute('aria-controls');
}

/** What the reference leaves out or says wrongly to who does not see it, as axe-core names it; for each, what it takes. */
const FAULTS: readonly (readonly [string, (element: HTMLElement) => void])[] = [
  // The entry of the navigation where the reader is.
  [
    '[data-sidebar-id] button[aria-selected], .t-doc__sidebar button[aria-selected]',
    (element) => {
      if (element.ariaSelected === 'true') element.ariaCurrent = 'location';
      else element.removeAttribute('aria-current');
      element.removeAttribute('aria-selected');
    },
  ],
  ['button[role=search]', (element) => element.removeAttribute('role')],
  ['button[role=none]', (element) => element.removeAttribute('role')],
  ['button:has(> .sidebar-search-placeholder):not([aria-label])', (element) => (element.ariaLabel = 'Search')],
  ['button[aria-controls][class*="copy-button"]:not([aria-label])', (element) => (element.ariaLabel = 'Copy')],
  // A word inside of a button that does nothing of its own.
  ['button .selected-content-type[tabindex]', (element) => element.removeAttribute('tabindex')],
  ['aside[role=navigation]', (element) => (element.role = null)],
  ['button.show-more[aria-label]', (element) => element.removeAttribute('aria-label')],
  [
    'pre > code:not([tabindex]), .markdown table:not([tabindex]), ul.endpoints:not([tabindex])',
    (element) => (element.tabIndex = 0),
  ],
  ['.cm-content[aria-placeholder]:not([aria-label])', nameEditor],
  ['.cm-content[data-language]:not([aria-label])', (element) => (element.ariaLabel = 'Content')],
  ['.body-raw .cm-scroller', (element) => (element.tabIndex = 0)],
  ['[role=dialog] input[type=checkbox]:not([aria-label])', (element) => (element.ariaLabel = 'Send this one')],
  // A choice of media types inside of the button that unfolds the answer.
  ['button.parameter-item-trigger > div:has(button)', (element) => element.parentElement?.after(element)],
  ['button[aria-controls][aria-label="Copy"]', forgetWhatIsNotThere],
  ['section[aria-label^="Notifications"]:not([role])', (element) => (element.role = 'status')],
  // Each operation has one of this name.
  ['.response-card[role=region]', (element) => (element.role = 'group')],
  ['div[aria-label]:not([role])', (element) => (element.role = 'group')],
];

function mendAll(): void {
  for (const [selector, act] of FAULTS) document.querySelectorAll<HTMLElement>(selector).forEach(act);
}

function mendOne(element: HTMLElement): void {
  for (const [selector, act] of FAULTS) if (element.matches(selector)) act(element);
}

/** Mends what is new before it is painted, and what changes at once. */
export function keepMended(): void {
  let waiting = false;
  const mend = () => {
    waiting = false;
    mendAll();
  };
  const watch = new MutationObserver((changes) => {
    for (const { type, target } of changes) if (type === 'attributes') mendOne(target as HTMLElement);
    if (waiting || changes.every(({ type }) => type === 'attributes')) return;
    waiting = true;
    requestAnimationFrame(mend);
  });
  const attributeFilter = ['aria-selected', 'aria-label', 'role'];
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter });
}
