/** How the body is read is decided before it is read: x-body and x-max-body. */
export default () => ({
  Operation(operation, { report, location, key }) {
    const kind = operation['x-body'];
    const max = operation['x-max-body'];
    if (operation.requestBody === undefined) {
      if (key !== 'get' && kind !== 'none')
        report({ message: `${operation.operationId} has no requestBody: write x-body: none.`, location });
      return;
    }
    if (!['json', 'form', 'raw'].includes(kind))
      report({ message: `${operation.operationId} has a requestBody: write x-body: json, form or raw.`, location });
    if (!Number.isInteger(max) || max < 1)
      report({ message: `${operation.operationId} has a requestBody: write x-max-body in bytes (1048576).`, location });
    for (const status of ['413', '415'])
      if (!(status in operation.responses))
        report({ message: `${operation.operationId} has a requestBody: document ${status}.`, location });
  },
});
