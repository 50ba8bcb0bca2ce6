/** Every answer can be found in the log. */
export default () => ({
  Response(response, { report, location }) {
    if (response.headers?.['Request-Id'] !== undefined) return;
    report({ message: 'Every response has a Request-Id. Add the shared header RequestId.', location });
  },
});
