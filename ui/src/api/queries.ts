import { QueryClient } from "@tanstack/react-query";

import { Problem } from "@/api/problem";

/** What has been asked, kept a little while; only what may pass is asked again. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status < 500),
    },
  },
});
