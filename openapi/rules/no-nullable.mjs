/**
 * OpenAPI 3.0 ignores what stands beside a $ref, and Ajv throws on it. A generated type of a name is either the thing or
 * the thing-or-null: progenitor writes both under one name.
 */
export default () => ({
  ref(node, { report, location }) {
    if ('nullable' in node) report({ message: ABSENT, location });
  },
  Schema(schema, { report, location }) {
    if (schema.nullable) report({ message: ABSENT, location: location.child('nullable') });
  },
});

const ABSENT = 'Nothing is null here. Leave the key out of `required` and out of the body instead.';
