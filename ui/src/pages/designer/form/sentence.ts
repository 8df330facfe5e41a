import type { Say } from "@/words/saying";

/** A fault as a sentence, without the place: that is where the sentence stands. */
export function asSentence(say: Say, message: string): string {
  const text = say(message.replace(/^task_config(\.[A-Za-z0-9_.]+)?: /, ""));
  return text.charAt(0).toUpperCase() + text.slice(1);
}
