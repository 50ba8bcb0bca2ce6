/** For script tags and for browsers, not for generated clients. */
const BESIDE = ['application/javascript', 'text/html'];

/** A generated method has one return type. */
export default () => ({
  Operation(operation, { report, location, resolve }) {
    const schemas = new Set();
    for (const [status, raw] of Object.entries(operation.responses ?? {})) {
      if (!status.startsWith('2')) continue;
      const response = raw.$ref ? resolve(raw).node : raw;
      const media = Object.entries(response?.content ?? {}).filter(([type]) => !BESIDE.includes(type));
      if (media.length === 0) schemas.add('no body');
      for (const [, { schema }] of media) schemas.add(schema?.$ref ?? JSON.stringify(schema));
    }
    if (schemas.size > 1)
      report({
        message: `${operation.operationId} answers ${schemas.size} success schemas (${[...schemas].join(', ')}). Use one for all 2xx.`,
        location: location.child('responses'),
      });
  },
});
