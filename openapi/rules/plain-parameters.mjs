/** No API operation accepts a cookie; `content` parameters break generators. */
export default () => ({
  Parameter(parameter, { report, location }) {
    if (parameter.in === 'cookie')
      report({ message: `"${parameter.name}" is a cookie. Take it as a query parameter or a header.`, location });
    if (parameter.content !== undefined)
      report({ message: `"${parameter.name}" has content. Give it a schema instead.`, location });
  },
});
