import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { type Drawing, SIZES } from './drawing.ts';
import { optionOf } from './options.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, SVGRenderer]);

export function draw(drawing: Drawing): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZES[drawing.size] });
  try {
    chart.setOption({ animation: false, ...optionOf(drawing) } as EChartsCoreOption);
    return withoutStyles(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** A strict Content-Security-Policy forbids style elements and attributes; the attributes of SVG say the same. */
function withoutStyles(svg: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/ style="([^"]*)"/g, (_all, text: string) => asAttributes(text)));
}

function asAttributes(declarations: string): string {
  return declarations
    .split(';')
    .filter((declaration) => declaration.includes(':'))
    .map((declaration) => {
      const colon = declaration.indexOf(':');
      return ` ${declaration.slice(0, colon).trim()}="${declaration.slice(colon + 1).trim()}"`;
    })
    .join('');
}
