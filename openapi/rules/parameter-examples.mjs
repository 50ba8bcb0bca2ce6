/** Dredd stops at a required parameter whose example is not on the parameter itself. */
export default () => ({
  Parameter(parameter, { report, location }) {
    // Dredd sends a header that has an example on every request.
    if (parameter.in === 'header' && !parameter.required) return;
    if (parameter.example === undefined)
      report({ message: `Parameter "${parameter.name}" needs an example of its own (not in its schema).`, location });
    if (parameter.in === 'path' && !/^[A-Za-z0-9_]+$/.test(parameter.name))
      report({
        message: `Path parameter "${parameter.name}" must be letters, digits and _ (Dredd). Rename it.`,
        location: location.child('name'),
      });
  },
});
