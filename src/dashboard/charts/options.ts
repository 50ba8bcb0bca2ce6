import type { Counted, Drawing, Scheme } from './drawing.ts';

/** The colours of the pages' stylesheet; a rest is of little weight, but 3:1 on the card (WCAG 2.2, 1.4.11). */
const COLOURS: Readonly<Record<Scheme, Readonly<Record<'text' | 'line' | 'main' | 'rest', string>>>> = {
  light: { text: '#595967', line: '#dedee6', main: '#3a31c9', rest: '#8f8ad6' },
  dark: { text: '#a9a9b8', line: '#363643', main: '#9d97ff', rest: '#6b66a8' },
};

/** Letters of a product's name. */
const NAMED = { wide: 26, narrow: 14 } as const;

/** What echarts is to draw. Without a screen it takes letters for narrower than many are, hence the wide gaps. */
export function optionOf({ chart, size, scheme, rows }: Drawing): object {
  const colours = COLOURS[scheme];
  const textStyle = { color: colours.text, fontSize: 12, fontFamily: 'sans-serif' };
  const grid = { left: 8, right: 24, top: 36, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };
  const base = { textStyle, grid };
  const axis = { axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false } };
  const names = { type: 'category', ...axis, axisLabel: { ...textStyle, hideOverlap: true } };
  const data = rows.map(({ label }) => label);
  const numbers = numberAxis(textStyle, colours.line, size === 'narrow' ? 3 : 5);
  if (chart === 'completion') {
    const percent = { ...numbers, max: 100, interval: 25, axisLabel: { ...textStyle, formatter: '{value} %' } };
    const series = [rateLine(rows, colours.main)];
    return { ...base, grid: { ...grid, top: 16 }, xAxis: { ...names, data }, yAxis: percent, series };
  }
  const bars = { ...base, ...legend(textStyle), series: stackedBars(rows, colours) };
  if (chart === 'downloads') return { ...bars, xAxis: { ...names, data }, yAxis: numbers };
  const shortened = data.map((name) => shorten(name, NAMED[size]));
  const yAxis = { ...names, data: shortened, inverse: true, axisLabel: { ...textStyle, interval: 0 } };
  return { ...bars, grid: { ...grid, left: size === 'narrow' ? 24 : 40 }, xAxis: numbers, yAxis };
}

function numberAxis(textStyle: object, line: string, splitNumber: number): object {
  const splitLine = { lineStyle: { color: line } };
  return {
    type: 'value',
    min: 0,
    minInterval: 1,
    splitNumber,
    splitLine,
    axisLabel: { ...textStyle, hideOverlap: true },
  };
}

const legend = (textStyle: object) => ({
  legend: { left: 0, top: 0, itemWidth: 12, itemHeight: 12, itemGap: 32, textStyle, selectedMode: false },
});

function stackedBars(rows: readonly Counted[], { main, rest }: { main: string; rest: string }): object[] {
  const bar = { type: 'bar', stack: 'downloads', barMaxWidth: 32, barMinWidth: 1 };
  return [
    { ...bar, name: 'Completed', itemStyle: { color: main }, data: rows.map(({ completed }) => completed) },
    {
      ...bar,
      name: 'Not completed',
      itemStyle: { color: rest },
      data: rows.map(({ started, completed }) => started - completed),
    },
  ];
}

/** Where nothing was started there is no rate, and a gap. */
function rateLine(rows: readonly Counted[], color: string): object {
  const data = rows.map(({ started, completed }) =>
    started === 0 ? null : Math.round((1000 * completed) / started) / 10,
  );
  return {
    type: 'line',
    symbol: 'circle',
    symbolSize: 5,
    showAllSymbol: true,
    lineStyle: { color, width: 2 },
    itemStyle: { color },
    data,
  };
}

function shorten(name: string, most: number): string {
  const letters = [...name];
  return letters.length > most
    ? `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
    : name;
}
