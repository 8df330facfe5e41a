import { queryOf, readView } from "@/pages/chains/view";

/** A page: where it is, its bundle, and what it will ask the server for as soon as it is there. */
export interface PageAt {
  /** As the router writes it. */
  readonly path: string;
  readonly load: () => Promise<{ Component: () => React.ReactNode }>;
  readonly asks?: (at: URL) => readonly string[];
}

const TYPES = "/api/v1/tasks";
const ofChain = ({ pathname }: URL) => `/api/v1/chains/${pathname.split("/")[2] ?? ""}`;
const chains = () => import("@/pages/chains/ChainsPage");
const designer = () => import("@/pages/designer/DesignerPage");
const run = () => import("@/pages/run/RunPage");

/** Each page is a bundle of its own: nobody loads the designer to read a list. */
export const pages: readonly PageAt[] = [
  {
    path: "chains",
    load: chains,
    asks: ({ searchParams }) => {
      const query = Object.entries(queryOf(readView(searchParams)));
      return [
        `/api/v1/chains/?${new URLSearchParams(query.map(([key, to]) => [key, String(to)]))}`,
      ];
    },
  },
  { path: "chains/new", load: designer, asks: () => [TYPES] },
  { path: "chains/:chainId/edit", load: designer, asks: () => [TYPES] },
  { path: "chains/:chainId", load: run, asks: (at) => [ofChain(at), `${ofChain(at)}/runs`, TYPES] },
  {
    path: "chains/:chainId/runs/:runId",
    load: run,
    asks: (at) => [ofChain(at), `${ofChain(at)}/runs`, TYPES],
  },
  {
    path: "chains/:chainId/results/:taskId?",
    load: () => import("@/pages/results/ResultsPage"),
  },
  { path: "errors/:code?", load: () => import("@/pages/errors/ErrorsPage") },
  { path: "compare", load: () => import("@/pages/compare/ComparePage") },
  { path: "models/:modelId?", load: () => import("@/pages/models/ModelsPage") },
  { path: "parties/:party?", load: () => import("@/pages/parties/PartiesPage") },
  { path: "templates/:name?", load: () => import("@/pages/templates/TemplatesPage") },
  { path: "schedules/:scheduleId?", load: () => import("@/pages/schedules/SchedulesPage") },
  { path: "audit", load: () => import("@/pages/audit/AuditPage") },
  { path: "settings/:part?", load: () => import("@/pages/settings/SettingsPage") },
];

/** The page at an address, where there is one; the first page is the list of chains. */
export function pageAt({ pathname }: URL): PageAt | undefined {
  if (pathname === "/") return pages[0];
  return pages.find(({ path }) => {
    const form = path.replace(/\/:\w+\?/g, "(/[^/]+)?").replace(/:\w+/g, "[^/]+");
    return new RegExp(`^/${form}/?$`).test(pathname);
  });
}
