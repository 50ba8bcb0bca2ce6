const STRANGERS = ['portalToken', 'runnerToken'];

/** Users need a role, which customers and runners have not; the server refuses to mount an operation that names none. */
export default () => ({
  Operation(operation, { report, location }) {
    const role = operation['x-role'];
    const security = operation.security ?? [];
    const users = security.length > 0 && !security.some((requirement) => STRANGERS.some((scheme) => scheme in requirement));
    if (users && !['member', 'admin', 'owner'].includes(role))
      report({ message: `${operation.operationId} must have x-role: member, admin or owner.`, location });
    if (!users && role !== undefined)
      report({
        message: `${operation.operationId} is not for users, so remove x-role (or list its security).`,
        location: location.child('x-role'),
      });
  },
});
