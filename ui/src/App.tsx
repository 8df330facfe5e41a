import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router/dom";

import { queries } from "@/api/queries";
import { router } from "@/routes";
import { Look } from "@/frame/Look";

/** The page: its look and language, what it has asked, and where it is. */
export function App() {
  return (
    <Look>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Look>
  );
}
