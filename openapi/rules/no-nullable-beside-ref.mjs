/** OpenAPI 3.0 ignores what stands beside a $ref, and Ajv throws on it. */
export default () => ({
  ref(node, { report, location }) {
    if ('nullable' in node)
      report({
        message: 'nullable beside $ref has no effect. Leave the key out of `required` and out of the body instead.',
        location,
      });
  },
});
