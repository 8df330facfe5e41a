import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router/dom";

import { queries } from "@/api/queries";
import { Gate } from "@/frame/Gate";
import { Look } from "@/frame/Look";
import { router } from "@/routes";

/** The page: its look and language, who is signed in, what it has asked, and where it is. */
export function App() {
  return (
    <Look>
      <QueryClientProvider client={queries}>
        <Gate>
          <RouterProvider router={router} />
        </Gate>
      </QueryClientProvider>
    </Look>
  );
}
