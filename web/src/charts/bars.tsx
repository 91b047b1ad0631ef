// Shares as bars of plain HTML: they need no drawing, and their words and figures are text.
import type { ReactNode } from 'react';
import * as format from '../lib/format';

export interface Bar {
  key: string;
  label: string;
  help?: string;
  value: number;
  text: string;
  aside?: ReactNode;
  color?: string;
  // What of it came back, drawn inside.
  part?: number;
}

export const Bars = ({ bars, top }: { bars: Bar[]; top?: number }) => {
  const longest = top ?? Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul className="bars">
      {bars.map((bar) => (
        <li key={bar.key} title={bar.help}>
          <span className="bar-head">
            <span className="clip">{bar.label}</span>
            <span className="num nowrap">
              {bar.text}
              {bar.aside && <span className="faint"> · {bar.aside}</span>}
            </span>
          </span>
          <span className="bar-track">
            <span
              className="bar-fill"
              style={{
                width: `${Math.max(bar.value > 0 ? 1.5 : 0, (100 * bar.value) / longest)}%`,
                background: bar.color,
              }}
            >
              {bar.part !== undefined && bar.value > 0 && (
                <span
                  className="bar-part"
                  style={{ width: `${Math.min(100, (100 * bar.part) / bar.value)}%` }}
                />
              )}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
};

// One bar of several parts that make a whole, with its legend.
export function Shares({ bars }: { bars: Bar[] }) {
  const whole = bars.reduce((sum, bar) => sum + bar.value, 0);
  return (
    <div className="shares">
      <div className="shares-bar" aria-hidden="true">
        {bars
          .filter((bar) => bar.value > 0)
          .map((bar) => (
            <span key={bar.key} style={{ flexGrow: bar.value, background: bar.color }} />
          ))}
      </div>
      <ul className="legend">
        {bars.map((bar) => (
          <li key={bar.key} title={bar.help}>
            <i className="key" style={{ background: bar.color }} aria-hidden="true" />
            <span className="legend-label">
              {bar.label}
              {bar.help && <span className="faint small">{bar.help}</span>}
            </span>
            <span className="legend-value num">
              {bar.text}
              <span className="faint small">{whole > 0 ? format.percent(bar.value / whole, 0) : '–'}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
