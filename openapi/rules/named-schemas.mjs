import { basename } from 'node:path';

/** A schema is a file, named as its title; objects are never written inline, so that generated types keep their names. */
export default () => ({
  Schema(schema, { report, location }) {
    const whole = location.pointer === '#/' || location.pointer === '#';
    const name = basename(location.source.absoluteRef).replace(/\.[a-z]+$/, '');
    if (whole && schema.title !== name)
      report({
        message: `The title "${schema.title}" must be the file's name. Write title: ${name}.`,
        location: location.child('title'),
      });
    if (!whole && schema.type === 'object')
      report({
        message: 'An object must be a schema file of its own. Move it to schemas/<Name>.yaml and $ref it.',
        location,
      });
  },
});
