// The last five minutes, drawn by uPlot on a canvas. Sizes itself to its place; colours come from the style sheet.

import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { RateColumns } from '../../client/rate-history.ts';
import { historySeconds, rateNames } from '../../client/rate-history.ts';
import { roughly } from '../../format.ts';
import { useColorScheme } from '../../theme.ts';

interface RateChartProps {
  readonly columns: RateColumns;
  /** Seconds since the epoch: the right edge. */
  readonly until: number;
  readonly label: string;
  /** Where the pointer is: an index into the columns. */
  readonly onHover: (index: number | undefined) => void;
}

export function RateChart(props: RateChartProps) {
  // Colours are read when the chart is made: another scheme is another chart.
  return <Plot key={useColorScheme()} {...props} />;
}

function Plot({ columns, until, label, onHover }: RateChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const chart = new uPlot(optionsFor(element, onHover), [[], [], [], []], element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [onHover]);

  useEffect(() => {
    const { at, received, delivered, bridged } = columns;
    const chart = plot.current;
    chart?.batch(() => {
      chart.setData([[...at], [...received], [...delivered], [...bridged]], false);
      chart.setScale('x', { min: until - historySeconds, max: until });
    });
  }, [columns, until]);

  // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- the image is a canvas within
  return <div ref={place} className="rate-chart" role="img" aria-label={label} />;
}

function optionsFor(element: HTMLElement, onHover: (index: number | undefined) => void): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const text = color('--chart-text');
  const grid = { stroke: color('--chart-grid'), width: 1 };
  const font = `11px ${style.fontFamily}`;
  const axis: uPlot.Axis = { stroke: text, font, grid, ticks: { ...grid, size: 4 }, gap: 4 };
  return {
    ...sizeOf(element),
    padding: [12, 14, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { size: 7, width: 0 },
    },
    scales: {
      x: { time: true, auto: false },
      y: { range: (_chart, _min, max) => [0, roundedUp(max ?? 0)] },
    },
    axes: [
      {
        ...axis,
        values: (_chart, splits) => splits.map((at) => clock.format(at * 1000)),
        incrs: [60, 120, 300],
        space: 50,
        size: 28,
      },
      { ...axis, values: (_chart, splits) => splits.map((rate) => roughly(rate)), size: 46, space: 34 },
    ],
    series: [
      {},
      ...rateNames.map((name) => ({
        label: name,
        stroke: color(`--series-${name}`),
        width: 1.75,
        // Where a route carries all that is received, one line lies on the other: both are seen.
        ...(name === 'bridged' ? { dash: [6, 4] } : {}),
        points: { show: false },
        spanGaps: false,
      })),
    ],
    hooks: { setCursor: [(chart) => onHover(chart.cursor.idx ?? undefined)] },
  };
}

function sizeOf({ clientWidth, clientHeight }: HTMLElement): { width: number; height: number } {
  return { width: clientWidth, height: clientHeight };
}

/** A round number a little above: a flat line of zeros lies on the ground, and little traffic does not fill the chart. */
function roundedUp(rate: number): number {
  const wanted = Math.max(10, rate * 1.05);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((step) => step * power >= wanted) ?? 10) * power;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
