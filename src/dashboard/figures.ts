export function count(number: number): string {
  return number.toLocaleString('en');
}

/** In whole per cent, rounded down: only all is 100 %. */
export function rate(started: number, completed: number): string {
  return started === 0 ? '–' : `${Math.floor((100 * completed) / started)} %`;
}
