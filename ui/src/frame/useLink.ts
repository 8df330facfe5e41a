import { useEffect, useState } from "react";

import { takeLink } from "@/frame/link";

/** The secret of a one-time link that the page was opened by, or that was pasted into its address. */
export function useLink(): { token: string | undefined; forget: () => void } {
  const [token, setToken] = useState(takeLink);
  useEffect(() => {
    const look = () => setToken((before) => takeLink() ?? before);
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  return { token, forget: () => setToken(undefined) };
}
