/** A client hands text out as a string: taken for a file or an object, it breaks where it is read (openapi-python-client). */
export default () => ({
  Response: {
    MediaType(media, { report, location, resolve, key }) {
      if (!String(key).startsWith('text/')) return;
      const schema = media.schema?.$ref ? resolve(media.schema).node : media.schema;
      if (schema?.type !== 'string' || schema.format !== undefined)
        report({ message: `${key} is text. Give it the schema Text, and x-item-schema if it is a stream.`, location });
    },
  },
});
