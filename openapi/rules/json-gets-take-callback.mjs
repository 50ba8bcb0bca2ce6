const CALLBACK = '/Callback';
const CACHE_BUSTER = '/CacheBuster';

/** Every GET that answers JSON is usable from a script tag, and says so (product.md, "JSON-P"). */
export default () => ({
  Operation(operation, { report, location, key }) {
    if (key !== 'get') return;
    const content = operation.responses?.['200']?.content ?? {};
    const json = 'application/json' in content;
    const references = (operation.parameters ?? []).map(({ $ref }) => String($ref).replace(/\.yaml$/, ''));
    const takes = (name) => references.some((reference) => reference.endsWith(name));
    const complete = takes(CALLBACK) && takes(CACHE_BUSTER) && 'application/javascript' in content;
    if (json && !complete)
      report({
        message: `${operation.operationId} answers JSON: add the parameters Callback and CacheBuster, and application/javascript to its 200.`,
        location,
      });
    if (!json && (takes(CALLBACK) || 'application/javascript' in content) && operation.tags?.[0] !== 'downloads')
      report({ message: `${operation.operationId} answers no JSON: remove JSON-P from it.`, location });
  },
});
