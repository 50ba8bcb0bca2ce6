/** Readers copy examples, and Dredd compares with them. Raw request bodies have none. */
export default () => ({
  RequestBody: {
    MediaType(media, { report, location, resolve }) {
      const schema = media.schema?.$ref ? resolve(media.schema).node : media.schema;
      if (media.example === undefined && schema?.format !== 'binary')
        report({ message: 'This request body has no example. Add `example` beside its schema.', location });
    },
  },
  Response: {
    MediaType(media, { report, location }) {
      if (media.example === undefined)
        report({ message: 'This response body has no example. Add `example` beside its schema.', location });
    },
  },
});
