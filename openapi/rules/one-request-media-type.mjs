/** Dredd gives two media types the same name, and some generators panic. */
export default () => ({
  RequestBody(body, { report, location }) {
    const types = Object.keys(body.content ?? {});
    if (types.length !== 1)
      report({
        message: `A request must have one media type, this has ${types.length}. Put a tolerated one under x-also-accepts.`,
        location: location.child('content'),
      });
  },
});
