/** Dredd expects 200 of a `default`, and generators take it for success and error at once. */
export default () => ({
  Responses(responses, { report, location }) {
    for (const status of Object.keys(responses))
      if (!/^[1-5][0-9][0-9]$/.test(status))
        report({
          message: `"${status}" is not a status. List each status that really occurs.`,
          location: location.child(status).key(),
        });
  },
});
