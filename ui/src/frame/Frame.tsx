import { Outlet } from "react-router";

/** The rail, the top bar, and the page between them. */
export function Frame() {
  return <Outlet />;
}
