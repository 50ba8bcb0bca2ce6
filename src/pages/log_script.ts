/**
 * Shows the end of a log, where the reason of a failure stands, and goes on with it while it is written. Stands in the
 * page, allowed by its hash.
 */
export const LOG_SCRIPT = `
const log = document.getElementById('log');
const state = document.getElementById('state');
const toEnd = () => { log.scrollTop = log.scrollHeight; };
const follow = (source) => {
  source.addEventListener('message', ({ data }) => {
    const near = log.scrollHeight - log.scrollTop - log.clientHeight < 48;
    log.firstElementChild.append(JSON.parse(data));
    state.textContent = log.dataset.running;
    if (near) toEnd();
  });
  source.addEventListener('end', ({ data }) => {
    source.close();
    const { label, tone } = JSON.parse(data);
    state.textContent = label;
    state.className = ('tag ' + tone).trim();
    document.getElementById('ended').textContent = 'The build has ended: ' + label + '.';
    document.getElementById('result').hidden = false;
  });
};
toEnd();
if (log.dataset.follow) follow(new EventSource(log.dataset.follow));
`;
