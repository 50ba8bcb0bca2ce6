/*
 * The page's policy refuses `<style>` elements and `style` attributes, which the reference makes when it is loaded and as it
 * runs. Their text goes into constructed stylesheets and properties instead, which a script that the policy allows may
 * set: no 'unsafe-inline'. This module comes before the reference's own.
 */
const create = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions) =>
  name.toLowerCase() === 'style' ? createMirrored() : create(name, options)) as typeof document.createElement;

// A policy is asked about any element named style, whatever its type; about this one it is not, and nobody sees it.
function createMirrored(): HTMLElement {
  const element = create('noscript');
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const copy = () => sheet.replaceSync(element.textContent ?? '');
  new MutationObserver(copy).observe(element, { childList: true, characterData: true, subtree: true });
  return element;
}

const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (this: Element, name: string, value: string) {
  if (name === 'style' && this instanceof HTMLElement) this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

const innerHTML = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML') as PropertyDescriptor;
Object.defineProperty(Element.prototype, 'innerHTML', {
  ...innerHTML,
  set(this: Element, html: string) {
    // In serialised text no `<` stands for itself: these are attributes of tags.
    innerHTML.set?.call(this, String(html).replaceAll(/(<[a-z][^<>]*) style="/g, '$1 data-style="'));
    for (const element of this.querySelectorAll<HTMLElement>('[data-style]')) {
      element.style.cssText = element.dataset['style'] ?? '';
      delete element.dataset['style'];
    }
  },
});

// Zod compiles its checks where it may, and tries whether it may: the policy refuses that too.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

export {};
