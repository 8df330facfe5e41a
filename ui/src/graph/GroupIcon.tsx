import "@/graph/groups.css";
import type { Group } from "@/graph/model";

const drawings: Record<Group, string> = {
  // two sets that overlap
  Intersect: "M6.2 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M9.8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8",
  // sliders
  Prepare: "M2 5h6M12 5h2M10 3v4M2 11h2M8 11h6M6 9v4",
  // a small network
  Learn: "M3.5 4.5L12 8M3.5 11.5L12 8M3.5 4.5v7M3.5 3.4v2M3.5 10.6v2M12 6.9v2.2",
  // bars
  Understand: "M3 13V8M8 13V3M13 13V6",
  // a curve over its axes
  Evaluate: "M2.5 2.5v11h11M4.5 11c.6-4.6 2.8-6.5 8.5-6.8",
};

/** The colour that stands for a group, as a CSS value (declared in groups.css for both themes). */
export function colorOfGroup(group: Group | undefined): string {
  return group === undefined ? "var(--ink-faint)" : `var(--group-${group.toLowerCase()})`;
}

/** The drawing that stands for a group of task types. */
export function GroupIcon({ group, size = 16 }: { group: Group | undefined; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke={colorOfGroup(group)}
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={group === undefined ? "M4 4h8v8H4z" : drawings[group]} />
      {group === "Learn" && (
        <g fill="var(--paper)">
          <circle cx="3.5" cy="4.2" r="1.7" />
          <circle cx="3.5" cy="11.8" r="1.7" />
          <circle cx="12.2" cy="8" r="1.9" />
        </g>
      )}
    </svg>
  );
}
