import type { en, Texts } from "@/words/en";
import { common } from "@/words/zh/common";

export const zh: Texts<typeof en> = { common };
