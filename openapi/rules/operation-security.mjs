/** Public or not is said on each operation, never inherited. */
export default () => ({
  Operation(operation, { report, location }) {
    if (Array.isArray(operation.security)) return;
    report({
      message: `${operation.operationId} has no security. List apiKey and basic, or write security: [] if it is public.`,
      location,
    });
  },
});
