// Failed and recovered money over the days of a period. Drawn with visx; the pointer or the arrow keys walk
// along the days, and the same figures stand in a table for those who would rather read them.
import { AxisBottom, AxisLeft } from '@visx/axis';
import { localPoint } from '@visx/event';
import { GridRows } from '@visx/grid';
import { useParentSize } from '@visx/responsive';
import { scaleLinear, scalePoint } from '@visx/scale';
import { AreaClosed, LinePath } from '@visx/shape';
import { curveMonotoneX } from '@visx/curve';
import { useId, useMemo, useState, type KeyboardEvent, type PointerEvent } from 'react';
import * as format from '../lib/format';
import { majorUnits } from '../lib/format';
import type { DayPoint } from '../lib/period';

const height = 248;
const edge = { top: 12, right: 12, bottom: 28, left: 56 };

interface Props {
  points: DayPoint[];
  currency: string;
  label: string;
}

export default function MoneyChart(props: Props) {
  const { parentRef, width } = useParentSize({ debounceTime: 40 });
  return (
    <figure className="chart">
      <div ref={parentRef} className="chart-area">
        {width > 0 && <Drawing {...props} width={width} />}
      </div>
      <details className="chart-table">
        <summary>Show as a table</summary>
        <Figures {...props} />
      </details>
    </figure>
  );
}

function useScales(points: DayPoint[], currency: string, width: number) {
  return useMemo(() => {
    const top = Math.max(1, ...points.map((p) => Math.max(p.failed, p.recovered)));
    const x = scalePoint({ domain: points.map((p) => p.date), range: [edge.left, width - edge.right] });
    const y = scaleLinear({
      domain: [0, majorUnits(top, currency) * 1.06],
      range: [height - edge.bottom, edge.top],
      nice: 4,
    });
    return { x, y };
  }, [points, currency, width]);
}

function Drawing({ points, currency, label, width }: Props & { width: number }) {
  const { x, y } = useScales(points, currency, width);
  const [at, setAt] = useState<number | null>(null);
  const hint = useId();
  const step = x.step() || 1;
  const clamp = (i: number) => Math.max(0, Math.min(points.length - 1, i));

  function follow(event: PointerEvent<SVGSVGElement>) {
    const point = localPoint(event);
    if (point) setAt(clamp(Math.round((point.x - edge.left) / step)));
  }
  function walk(event: KeyboardEvent) {
    const moves: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      Home: -points.length,
      End: points.length,
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    setAt((now) => clamp((now ?? (move > 0 ? -1 : points.length)) + move));
  }

  const px = (p: DayPoint) => x(p.date) ?? 0;
  const py = (value: number) => y(majorUnits(value, currency));
  const every = Math.max(1, Math.ceil(points.length / Math.max(2, Math.floor(width / 92))));
  const current = at === null ? undefined : points[clamp(at)];
  return (
    <>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={label}
        aria-describedby={hint}
        tabIndex={0}
        className="chart-drawing"
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={() => setAt(null)}
        onKeyDown={walk}
        onBlur={() => setAt(null)}
      >
        <GridRows
          scale={y}
          left={edge.left}
          width={width - edge.left - edge.right}
          numTicks={4}
          className="chart-grid"
        />
        <AreaClosed
          data={points}
          x={px}
          y={(p) => py(p.failed)}
          yScale={y}
          curve={curveMonotoneX}
          className="area failed"
        />
        <LinePath
          data={points}
          x={px}
          y={(p) => py(p.failed)}
          curve={curveMonotoneX}
          className="line failed"
        />
        <AreaClosed
          data={points}
          x={px}
          y={(p) => py(p.recovered)}
          yScale={y}
          curve={curveMonotoneX}
          className="area recovered"
        />
        <LinePath
          data={points}
          x={px}
          y={(p) => py(p.recovered)}
          curve={curveMonotoneX}
          className="line recovered"
        />
        <AxisLeft
          scale={y}
          left={edge.left}
          numTicks={4}
          hideAxisLine
          hideTicks
          tickFormat={(value) =>
            format.shortMoney(Number(value) * 10 ** format.exponentOf(currency), currency)
          }
          tickLabelProps={{ className: 'tick', textAnchor: 'end', dx: '-0.4em', dy: '0.3em' }}
        />
        <AxisBottom
          scale={x}
          top={height - edge.bottom}
          hideAxisLine
          hideTicks
          tickValues={points.filter((_, i) => (points.length - 1 - i) % every === 0).map((p) => p.date)}
          tickFormat={(date) => format.bookDay(date)}
          tickLabelProps={{ className: 'tick', textAnchor: 'middle', dy: '0.4em' }}
        />
        {current && (
          <g className="crosshair">
            <line x1={px(current)} x2={px(current)} y1={edge.top} y2={height - edge.bottom} />
            <circle cx={px(current)} cy={py(current.failed)} r={4} className="failed" />
            <circle cx={px(current)} cy={py(current.recovered)} r={4} className="recovered" />
          </g>
        )}
      </svg>
      <span id={hint} className="unseen">
        Arrow keys walk along the days.
      </span>
      <div aria-live="polite" className="unseen">
        {current &&
          `${format.bookDay(current.date, true)}: ${format.money(current.failed, currency)} failed, ${format.money(current.recovered, currency)} recovered`}
      </div>
      {current && <Tip point={current} currency={currency} x={px(current)} width={width} />}
    </>
  );
}

function Tip({ point, currency, x, width }: { point: DayPoint; currency: string; x: number; width: number }) {
  const onLeft = x > width / 2;
  return (
    <div className="tip" aria-hidden="true" style={onLeft ? { right: width - x + 12 } : { left: x + 12 }}>
      <strong>{format.bookDay(point.date, true)}</strong>
      <span className="tip-row">
        <i className="key recovered" /> Recovered{' '}
        <b className="num">{format.money(point.recovered, currency)}</b>
      </span>
      <span className="tip-row">
        <i className="key failed" /> Failed <b className="num">{format.money(point.failed, currency)}</b>
      </span>
    </div>
  );
}

const Figures = ({ points, currency, label }: Props) => (
  <div className="table-scroll chart-figures" tabIndex={0} role="region" aria-label={label}>
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Day (UTC)</th>
          <th scope="col" className="right">
            Failed
          </th>
          <th scope="col" className="right">
            Recovered
          </th>
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.date}>
            <td>{format.bookDay(point.date, true)}</td>
            <td className="right num">{format.money(point.failed, currency)}</td>
            <td className="right num">{format.money(point.recovered, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
