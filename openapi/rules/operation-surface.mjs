/** The surface decides the shape of bodies and the status of field errors. */
export default () => ({
  Operation(operation, { report, location }) {
    if (['delivery', 'platform'].includes(operation['x-surface'])) return;
    report({
      message: `${operation.operationId} must have x-surface: delivery (bare camelCase, 400) or platform ({"response"}, snake_case, 403).`,
      location,
    });
  },
});
