import { lazy } from "react";

// A form for a template's values and a reader of YAML are not for who reads a list.
export const FromTemplate = lazy(() =>
  import("./FromTemplate").then(({ FromTemplate }) => ({ default: FromTemplate })),
);
export const ImportYaml = lazy(() =>
  import("./ImportYaml").then(({ ImportYaml }) => ({ default: ImportYaml })),
);
