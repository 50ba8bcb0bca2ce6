/** A generated method has one error type: the JSON body where there is one, else whatever bytes came. */
export default () => ({
  Operation(operation, { report, location, resolve }) {
    const kinds = new Set();
    for (const [status, raw] of Object.entries(operation.responses ?? {})) {
      const { content } = (raw.$ref ? resolve(raw).node : raw) ?? {};
      if (!/^[45]/.test(status) || !content) continue;
      const schema = content['application/json']?.schema;
      kinds.add(schema ? (schema.$ref ?? JSON.stringify(schema)).split('/').at(-1) : 'no JSON');
    }
    if (kinds.size > 1)
      report({
        message: `${operation.operationId} fails with ${kinds.size} schemas (${[...kinds].join(', ')}). Use one for all errors.`,
        location: location.child('responses'),
      });
  },
});
