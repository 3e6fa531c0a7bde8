// How much of a bound is used.

import './meter.css';

interface MeterProps {
  readonly label: string;
  readonly value: number;
  readonly limit: number;
  /** The value in words. */
  readonly text: string;
}

export function Meter({ label, value, limit, text }: MeterProps) {
  return (
    <meter
      className="meter"
      aria-label={label}
      min={0}
      max={limit}
      optimum={0}
      low={0.75 * limit}
      high={0.9 * limit}
      value={Math.min(value, limit)}
    >
      {text}
    </meter>
  );
}
