import { useFormat } from "@/parts/format";

/** A whole number, grouped as the language groups it. */
export function Count({ of }: { of: number }) {
  return <span className="numbers">{useFormat().count(of)}</span>;
}

/** A size in bytes, in the unit that fits. */
export function Bytes({ of }: { of: number }) {
  return <span className="numbers">{useFormat().bytes(of)}</span>;
}
