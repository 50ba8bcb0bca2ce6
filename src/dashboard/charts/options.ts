import { UNITS } from '../../downloads/page_figures.ts';
import type { Counted, Drawing, Scheme } from './drawing.ts';

/** The colours of the pages' stylesheet. */
const COLOURS: Readonly<Record<Scheme, Readonly<Record<'text' | 'line' | 'main' | 'pale', string>>>> = {
  light: { text: '#595967', line: '#dedee6', main: '#3a31c9', pale: '#ecebfb' },
  dark: { text: '#a9a9b8', line: '#363643', main: '#9d97ff', pale: '#2b2a45' },
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
  if (chart === 'volume') return { ...base, grid: { ...grid, top: 16 }, ...volume(rows, colours.main, numbers, names) };
  const bars = { ...base, ...legend(textStyle), series: stackedBars(rows, colours) };
  if (chart === 'downloads') return { ...bars, xAxis: { ...names, data }, yAxis: numbers };
  const shortened = data.map((name) => shorten(name, NAMED[size]));
  const yAxis = { ...names, data: shortened, inverse: true, axisLabel: { ...textStyle, interval: 0 } };
  return { ...bars, grid: { ...grid, left: size === 'narrow' ? 24 : 40 }, xAxis: numbers, yAxis };
}

function numberAxis(textStyle: object, line: string, splitNumber: number) {
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

const BAR = { type: 'bar', barMaxWidth: 32, barMinWidth: 1 };

/** Full and hollow, so that they can be told apart without colours; of nothing there is no bar, not even its edge. */
function stackedBars(rows: readonly Counted[], { main, pale }: { main: string; pale: string }): object[] {
  const bar = { ...BAR, stack: 'downloads' };
  const edge = { borderColor: main, borderWidth: 1 };
  return [
    {
      ...bar,
      name: 'Completed',
      itemStyle: { color: main, ...edge },
      data: rows.map(({ completed }) => completed || null),
    },
    {
      ...bar,
      name: 'Not completed',
      itemStyle: { color: pale, ...edge },
      data: rows.map(({ started, completed }) => started - completed || null),
    },
  ];
}

/** Bytes, in the unit that the most of them have. */
function volume(rows: readonly Counted[], color: string, numbers: object & { axisLabel: object }, names: object) {
  const most = Math.max(...rows.map(({ bytes }) => bytes));
  const exponent = UNITS.findLastIndex((_unit, i) => i === 0 || most >= 1000 ** i);
  const axisLabel = { ...numbers.axisLabel, formatter: `{value} ${UNITS[exponent]}` };
  const data = rows.map(({ bytes }) => bytes / 1000 ** exponent);
  return {
    xAxis: { ...names, data: rows.map(({ label }) => label) },
    // Of a gigabyte there are halves.
    yAxis: { ...numbers, minInterval: exponent === 0 ? 1 : 0, axisLabel },
    series: [{ ...BAR, itemStyle: { color }, data }],
  };
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
