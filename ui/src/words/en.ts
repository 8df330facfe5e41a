import { audit } from "@/words/en/audit";
import { chains } from "@/words/en/chains";
import { common } from "@/words/en/common";
import { compare } from "@/words/en/compare";
import { designer } from "@/words/en/designer";
import { errors } from "@/words/en/errors";
import { frame } from "@/words/en/frame";
import { graph } from "@/words/en/graph";
import { models } from "@/words/en/models";
import { parties } from "@/words/en/parties";
import { problem } from "@/words/en/problem";
import { results } from "@/words/en/results";
import { run } from "@/words/en/run";
import { schedules } from "@/words/en/schedules";
import { settings } from "@/words/en/settings";
import { signIn } from "@/words/en/sign-in";
import { state } from "@/words/en/state";
import { templates } from "@/words/en/templates";

/** One file per page, merged here. */
export const en = {
  audit,
  chains,
  common,
  compare,
  designer,
  errors,
  frame,
  graph,
  models,
  parties,
  problem,
  results,
  run,
  schedules,
  settings,
  signIn,
  state,
  templates,
};

/** The catalogue's form: the same keys, any texts. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
