/** Tools round long integers in examples; those that end in 0 survive. */
export default () => ({
  Schema(schema, { report, location }) {
    if (schema.format !== 'int64' || schema.example === undefined) return;
    if (schema.example % 10 === 0) return;
    report({ message: 'An int64 example must end in 0. Choose another.', location: location.child('example') });
  },
});
