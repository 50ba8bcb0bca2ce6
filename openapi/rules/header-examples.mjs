/** Headers are documented as carefully as bodies. */
export default () => ({
  Header(header, { report, location }) {
    for (const key of ['description', 'schema', 'example'])
      if (header[key] === undefined) report({ message: `This header has no ${key}. Add one.`, location });
    if (typeof header.required !== 'boolean')
      report({ message: 'Say whether this header is always there: required: true or false.', location });
  },
});
