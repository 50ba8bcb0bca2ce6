const INT64 = 2 ** 63 - 1024;

/** Everything has a size: strings, integers and arrays. */
export default () => ({
  Schema(schema, { report, location }) {
    const missing = (keys) => keys.filter((key) => schema[key] === undefined);
    const say = (keys) =>
      keys.length && report({ message: `Add ${keys.join(' and ')} to this ${schema.type}.`, location });
    // Generators take raw bodies without constraints only; x-max-body bounds them.
    if (schema.type === 'string' && schema.format !== 'binary' && !schema.enum) say(missing(['maxLength']));
    if (schema.type === 'array') say(missing(['maxItems', 'items']));
    if (schema.type === 'number' && schema.format !== 'double')
      report({
        message: 'Use type: integer with a format, since number loses ids; a ratio is a number of format: double.',
        location,
      });
    if (schema.type === 'number') say(missing(['minimum', 'maximum']));
    if (schema.type === 'integer') {
      say(missing(['format', 'minimum', 'maximum']));
      if (schema.maximum > INT64)
        report({ message: `${INT64} is the largest int64 that tools keep. Lower the maximum.`, location });
    }
  },
});
