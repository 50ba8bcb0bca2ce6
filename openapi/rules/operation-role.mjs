/** Whoever is authenticated needs a role; the server refuses to mount an operation that names none. */
export default () => ({
  Operation(operation, { report, location }) {
    const role = operation['x-role'];
    const authenticated = (operation.security ?? []).length > 0;
    if (authenticated && !['member', 'admin', 'owner'].includes(role))
      report({ message: `${operation.operationId} must have x-role: member, admin or owner.`, location });
    if (!authenticated && role !== undefined)
      report({
        message: `${operation.operationId} is public, so remove x-role (or list its security).`,
        location: location.child('x-role'),
      });
  },
});
