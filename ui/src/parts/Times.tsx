import { useNow } from "@/parts/clock";
import { useFormat } from "@/parts/format";

/** How long ago, or in how long; the moment itself on hover. */
export function Ago({ at }: { at: string }) {
  const format = useFormat();
  const now = useNow("minute");
  return (
    <time dateTime={at} title={format.when(at)}>
      {format.ago(at, now)}
    </time>
  );
}

interface DurationProps {
  readonly from: string | null | undefined;
  /** Without an end it still goes on, and counts. */
  readonly to?: string | null | undefined;
}

/** How long something took, or takes so far. */
export function Duration({ from, to }: DurationProps) {
  if (from == null) return <span className="faint">–</span>;
  return to == null ? <Running from={from} /> : <Took from={from} to={new Date(to).getTime()} />;
}

function Running({ from }: { from: string }) {
  return <Took from={from} to={useNow("second")} isWhole />;
}

function Took({ from, to, isWhole = false }: { from: string; to: number; isWhole?: boolean }) {
  const format = useFormat();
  const seconds = Math.max(0, (to - new Date(from).getTime()) / 1000);
  const shown = isWhole ? Math.max(1, Math.round(seconds)) : seconds;
  return <span className="numbers unbroken">{format.duration(shown)}</span>;
}
