/** x-error-codes and the documented 4xx and 5xx statuses are the same set. */
export default () => ({
  Operation(operation, { report, location }) {
    const codes = operation['x-error-codes'];
    if (codes === undefined) {
      report({
        message: `${operation.operationId} has no x-error-codes. List the codes of each 4xx and 5xx.`,
        location,
      });
      return;
    }
    const statuses = Object.keys(operation.responses ?? {}).filter((status) => /^[45]/.test(status));
    for (const status of statuses)
      if (!(status in codes))
        report({
          message: `${status} is documented without codes. Add '${status}': [<code>] to x-error-codes, or remove the response.`,
          location: location.child(['responses', status]),
        });
    for (const [status, list] of Object.entries(codes)) {
      if (!statuses.includes(status))
        report({
          message: `x-error-codes names ${status}, which has no response. Add the response, or remove the codes.`,
          location: location.child(['x-error-codes', status]),
        });
      if (!Array.isArray(list) || list.length === 0 || list.some((code) => !/^[a-z]+(_[a-z]+)*$/.test(code)))
        report({
          message: `x-error-codes of ${status} must be a list of snake_case codes, at least one.`,
          location: location.child(['x-error-codes', status]),
        });
    }
  },
});
