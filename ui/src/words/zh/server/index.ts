import { sayingOf } from "@/words/saying";

import { documents } from "./documents";
import { facts } from "./facts";
import { faults } from "./faults";
import { fields } from "./fields";
import { hints } from "./hints";
import { learning } from "./learning";
import { params } from "./params";
import { policy } from "./policy";
import { rare } from "./rare";
import { settings } from "./settings";
import { tables } from "./tables";
import { templates } from "./templates";
import { training } from "./training";
import { values } from "./values";
import { web } from "./web";
import { about, when, who } from "./who";
import { work } from "./work";
import { yaml } from "./yaml";

/** What task types disclose, and the words beside it. */
export const disclosures = { who, about, when, facts, learning };

/** What the fields of task types are for. */
export const descriptions = { fields, params };

/** What is told where something is refused or ends badly. */
export const errors = {
  documents,
  faults,
  hints,
  policy,
  rare,
  settings,
  tables,
  templates,
  training,
  values,
  web,
  work,
  yaml,
};

/** Say in Chinese what a worker or the web side says in English. */
export const say = sayingOf(
  ...Object.values(disclosures),
  ...Object.values(descriptions),
  ...Object.values(errors),
);
