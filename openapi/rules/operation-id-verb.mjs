const VERBS = 'list get create update delete ping archive activate yank check upload generate revoke refresh rotate authorize introspect refund resend receive replay announce retry invite remove accept leave set cancel lease extend resolve append finish follow'.split(
  ' ',
);

/** Generators make method names of operationIds: a verb first, then what it acts on. */
export default () => ({
  Operation(operation, { report, location }) {
    const id = operation.operationId ?? '';
    const verb = /^[a-z]+/.exec(id)?.[0];
    if (/^[a-z]+([A-Z][a-z0-9]*)*$/.test(id) && VERBS.includes(verb)) return;
    report({
      message: `operationId "${id}" must be camelCase and start with one of: ${VERBS.join(', ')}. Rename it, or add the verb in openapi/rules/operation-id-verb.mjs.`,
      location: location.child('operationId'),
    });
  },
});
