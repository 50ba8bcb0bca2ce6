/** Summary and description are what integrators read; Dredd tells the operations of a path apart by their summaries. */
export default () => ({
  PathItem(item, { report, location }) {
    if (item.summary !== undefined)
      report({
        message: 'A path item must have no summary (Dredd puts it in place of the path). Move it to the operation.',
        location: location.child('summary'),
      });
    const seen = new Set();
    for (const method of ['get', 'put', 'post', 'patch', 'delete']) {
      const summary = item[method]?.summary;
      if (summary !== undefined && seen.has(summary))
        report({
          message: `Two operations of this path have the summary "${summary}". Give each its own.`,
          location: location.child([method, 'summary']),
        });
      seen.add(summary);
    }
  },
  Operation(operation, { report, location }) {
    for (const key of ['summary', 'description'])
      if (!operation[key]?.trim())
        report({
          message: `${operation.operationId} has no ${key}. Add one that an integrator understands.`,
          location,
        });
  },
});
