import { basename, dirname } from 'node:path';

/** One word everywhere: the tag is the folder that the operation lies in. */
export default () => ({
  Operation(operation, { report, location }) {
    const folder = basename(dirname(location.source.absoluteRef));
    const tags = operation.tags ?? [];
    if (tags.length === 1 && tags[0] === folder) return;
    report({
      message: `${operation.operationId} must have exactly one tag, its folder: write tags: [${folder}], or move the file.`,
      location: location.child('tags'),
    });
  },
});
