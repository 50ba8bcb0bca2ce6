/** What the steps around every handler can answer is documented wherever they stand. */
export default () => ({
  Operation(operation, { report, location }) {
    const codes = operation['x-error-codes'] ?? {};
    const authenticated = (operation.security ?? []).length > 0;
    const customer = (operation.security ?? []).some((requirement) => 'portalToken' in requirement);
    // A public operation that is sent credentials in its body, such as a mailed code, or is signed.
    const proves = ['body', 'signature'].includes(operation['x-credentials']);
    const scoped = (operation.security ?? []).some((requirement) => 'oauth2' in requirement);
    // Collaborators of a project may not do it: refused, or not all of it: limited.
    const limited = ['refused', 'limited'].includes(operation['x-collaborators']);
    const oauth = operation['x-surface'] === 'oauth2';
    const strict = !oauth && operation['x-query'] !== 'open';
    const field = operation['x-surface'] === 'platform' ? '403' : '400';
    const wanted = [
      ['500', oauth ? 'server_error' : 'internal_server_error', true, 'anything can fail'],
      ['401', 'unauthorized', authenticated || proves, 'security is not empty, or x-credentials is body or signature'],
      ['401', 'account_suspended', authenticated && !customer, 'security lists credentials of users'],
      ['403', 'insufficient_role', ['admin', 'owner'].includes(operation['x-role']) || limited, 'x-role is above member, or x-collaborators is there'],
      ['403', 'insufficient_scope', scoped, 'security lists oauth2'],
      [field, 'unknown_field', strict || (!oauth && !['raw', 'none'].includes(operation['x-body']) && operation.requestBody !== undefined), 'query or body is strict'],
      ['400', 'invalid_json', operation['x-body'] === 'json', 'x-body is json'],
    ];
    for (const [status, code, needed, reason] of wanted) {
      const present = (codes[status] ?? []).includes(code);
      if (needed && !present)
        report({
          message: `${operation.operationId}: add ${code} to x-error-codes of ${status}, since ${reason}.`,
          location,
        });
      if (!needed && present && code !== 'invalid_json' && code !== 'unknown_field')
        report({
          message: `${operation.operationId}: remove ${code} from ${status}; it applies only if ${reason}.`,
          location,
        });
    }
  },
});
