import { everySchema } from './every_schema.mjs';

const FORM = 'application/x-www-form-urlencoded';

/** A map has names of the caller's own instead of fields, and a bound on how many. */
const isMap = ({ properties, additionalProperties, maxProperties }) =>
  properties === undefined && typeof additionalProperties === 'object' && maxProperties !== undefined;

/** A misspelt field must be refused, not ignored; OAuth's forms ignore what they do not know (RFC 6749 §3.2). */
export default () => ({
  RequestBody: {
    MediaType(media, { report, location, resolve, key }) {
      if (key === FORM) return;
      for (const found of everySchema(media.schema, location.child('schema'), resolve))
        if (found.schema.type === 'object' && found.schema.additionalProperties !== false && !isMap(found.schema))
          report({
            message: 'An object in a request must have additionalProperties: false (a map: a schema, and maxProperties). Add it.',
            location: found.location,
          });
    },
  },
});
