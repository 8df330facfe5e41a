import { createBrowserRouter, Navigate } from "react-router";

import { Broken } from "@/frame/Broken";
import { Frame } from "@/frame/Frame";
import { NotFound } from "@/frame/NotFound";

/** Each page is a bundle of its own: nobody loads the designer to read a list. */
export const router = createBrowserRouter([
  {
    path: "/",
    element: <Frame />,
    errorElement: <Broken isWhole />,
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <Broken />,
        children: [
          { index: true, element: <Navigate to="/chains" replace /> },
          { path: "chains", lazy: () => import("@/pages/chains/ChainsPage") },
          { path: "chains/new", lazy: () => import("@/pages/designer/DesignerPage") },
          { path: "chains/:chainId/edit", lazy: () => import("@/pages/designer/DesignerPage") },
          { path: "chains/:chainId", lazy: () => import("@/pages/run/RunPage") },
          { path: "chains/:chainId/runs/:runId", lazy: () => import("@/pages/run/RunPage") },
          {
            path: "chains/:chainId/results/:taskId?",
            lazy: () => import("@/pages/results/ResultsPage"),
          },
          { path: "errors/:code?", lazy: () => import("@/pages/errors/ErrorsPage") },
          { path: "compare", lazy: () => import("@/pages/compare/ComparePage") },
          { path: "models/:modelId?", lazy: () => import("@/pages/models/ModelsPage") },
          { path: "parties/:party?", lazy: () => import("@/pages/parties/PartiesPage") },
          { path: "templates/:name?", lazy: () => import("@/pages/templates/TemplatesPage") },
          { path: "schedules/:scheduleId?", lazy: () => import("@/pages/schedules/SchedulesPage") },
          { path: "audit", lazy: () => import("@/pages/audit/AuditPage") },
          { path: "settings/:part?", lazy: () => import("@/pages/settings/SettingsPage") },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
