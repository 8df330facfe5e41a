/** The product's mark: two circles that share a part. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        d="M16 8.2a9.5 9.5 0 0 1 0 15.6a9.5 9.5 0 0 1 0 -15.6z"
        fill="var(--accent)"
        fillOpacity="0.9"
      />
      <circle cx="11.5" cy="16" r="9" fill="none" stroke="var(--accent)" strokeWidth="2.4" />
      <circle cx="20.5" cy="16" r="9" fill="none" stroke="var(--ink)" strokeWidth="2.4" />
    </svg>
  );
}
