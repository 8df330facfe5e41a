import { createBrowserRouter } from "react-router";

import { Frame } from "@/frame/Frame";

/** Each page is a bundle of its own: nobody loads the designer to read a list. */
export const router = createBrowserRouter([
  {
    path: "/",
    element: <Frame />,
    children: [],
  },
]);
