import type { en, Texts } from "@/words/en";
import { common } from "@/words/zh/common";
import { compare } from "@/words/zh/compare";
import { designer } from "@/words/zh/designer";
import { frame } from "@/words/zh/frame";
import { graph } from "@/words/zh/graph";
import { models } from "@/words/zh/models";
import { parties } from "@/words/zh/parties";
import { problem } from "@/words/zh/problem";
import { results } from "@/words/zh/results";
import { run } from "@/words/zh/run";
import { signIn } from "@/words/zh/sign-in";
import { state } from "@/words/zh/state";

export const zh: Texts<typeof en> = {
  common,
  compare,
  designer,
  frame,
  graph,
  models,
  parties,
  problem,
  results,
  run,
  signIn,
  state,
};
