import type { en, Texts } from "@/words/en";
import { audit } from "@/words/zh/audit";
import { chains } from "@/words/zh/chains";
import { common } from "@/words/zh/common";
import { compare } from "@/words/zh/compare";
import { designer } from "@/words/zh/designer";
import { errors } from "@/words/zh/errors";
import { frame } from "@/words/zh/frame";
import { graph } from "@/words/zh/graph";
import { models } from "@/words/zh/models";
import { parties } from "@/words/zh/parties";
import { problem } from "@/words/zh/problem";
import { results } from "@/words/zh/results";
import { run } from "@/words/zh/run";
import { schedules } from "@/words/zh/schedules";
import { settings } from "@/words/zh/settings";
import { signIn } from "@/words/zh/sign-in";
import { state } from "@/words/zh/state";
import { templates } from "@/words/zh/templates";

export const zh: Texts<typeof en> = {
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
