/** The surface decides the shape of bodies and of errors, and the status of field errors. */
export default () => ({
  Operation(operation, { report, location }) {
    if (['delivery', 'platform', 'oauth2'].includes(operation['x-surface'])) return;
    report({
      message: `${operation.operationId} must have x-surface: delivery (bare camelCase, 400) platform ({"response"}, snake_case, 403) or oauth2 (the bodies of its RFCs).`,
      location,
    });
  },
});
