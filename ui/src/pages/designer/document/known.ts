import { kindsByName, type TaskKind } from "@/pages/designer/document/kinds";
import type { Offers } from "@/pages/designer/document/proposals";

import recorded from "../recorded/tasks.json";

/** What tests know of task types: recorded from the API. */
export const kinds = kindsByName(recorded as unknown as TaskKind[]);

/** What tests' parties offer. */
export const offers: Offers = {
  alice: [
    {
      path: "/srv/alice/customers.csv",
      rows: 1000,
      columns: [
        { name: "uid", kind: "text" },
        { name: "age", kind: "integer" },
        { name: "income", kind: "number" },
        { name: "y", kind: "integer" },
      ],
    },
  ],
  bob: [
    {
      path: "/srv/bob/members.csv",
      rows: 900,
      columns: [
        { name: "id", kind: "text" },
        { name: "visits", kind: "integer" },
      ],
    },
  ],
};
