/** openapi.yaml is a table of contents: one line per path. */
export default () => ({
  Paths(paths, { report, location }) {
    for (const [path, item] of Object.entries(paths)) {
      const keys = Object.keys(item ?? {});
      if (keys.length === 1 && keys[0] === '$ref' && /^[a-z0-9_]+\/[a-z_]+\.yaml$/.test(item.$ref)) continue;
      report({
        message: `${path} must be one line: $ref: <tag>/<file>.yaml. Move the operations into that file.`,
        location: location.child(path),
      });
    }
  },
});
