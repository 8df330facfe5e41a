import { createBrowserRouter, Navigate } from "react-router";

import { Broken } from "@/frame/Broken";
import { Frame } from "@/frame/Frame";
import { NotFound } from "@/frame/NotFound";
import { pages } from "@/pages";

/** The pages, in the frame. */
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
          ...pages.map(({ path, load }) => ({ path, lazy: load })),
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
